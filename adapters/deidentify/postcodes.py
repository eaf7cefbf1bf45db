"""How much of a postcode and of an age may stay (45 CFR 164.514(b)(2)(i))."""

import re

ZIP = re.compile(r"(\d{3})\d{2}(?:-?\d{4})?\Z", re.ASCII)
SMALL_ZIPS = frozenset(
    "036 059 063 102 203 205 369 556 692 790 821 823 830 831 878 879 884 890 893".split()  # noqa: SIM905  as published
)
"""Areas of at most 20,000 people: census of 2000 (HHS guidance on 45 CFR 164.514(b)), and two more of 2010."""
AMERICAN = frozenset({"", "US", "USA"})
OLDEST = 89
"""An age above it is not told, nor a year that tells it."""


STATES = re.compile(
    "A[KLRSZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOPST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]"
    "|W[AIVY]"
)
"""Of the United States: where no country is given, a postcode with one of them is American."""


def area(postcode: str, country: str, state: str | None = None) -> str:
    """Return the first three digits of a postcode of the United States, ``000`` for a small area; else nothing.

    Where there is no country, *state* decides if it is given: five digits may also be a German or a French postcode.
    """
    found = ZIP.match(postcode.strip()) if country.strip() in AMERICAN else None
    if found is None or (not country.strip() and state is not None and not STATES.fullmatch(state.strip())):
        return ""
    return "000" if found[1] in SMALL_ZIPS else found[1]
