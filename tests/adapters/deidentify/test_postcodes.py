"""Of a postcode three digits stay, and none where they would name fewer than 20,000 people."""

import pytest

from adapters.deidentify.postcodes import SMALL_ZIPS, area

OF_THE_CENSUS_OF_2000 = "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split()  # noqa: SIM905
"""HHS, guidance on de-identification (2012), section on ZIP codes: 17 areas."""


@pytest.mark.parametrize(
    ("postcode", "country", "state", "kept"),
    [
        ("02139", "USA", None, "021"),
        ("02139", "US", "MA", "021"),
        (" 02139 ", " USA ", None, "021"),
        ("02139-1234", "USA", None, "021"),
        ("021391234", "USA", None, "021"),
        ("02139", "", "MA", "021"),
        ("02139", "", " MA ", "021"),
        ("02139", "", None, "021"),
        ("02139", "", "Massachusetts", ""),  # a state that is written out may be any text
        ("10115", "", "BE", ""),  # Berlin
        ("75001", "", "", ""),  # Paris
        ("10115", "DE", "MA", ""),
        ("10115", "DEU", None, ""),
        ("02139", "usa", None, ""),
        ("K1A 0B1", "CAN", None, ""),
        ("0213", "USA", None, ""),
        ("021", "USA", None, ""),
        ("02139-12", "USA", None, ""),
        ("02139 Smith", "USA", None, ""),
        ("٠٢١٣٩", "USA", None, ""),  # digits, but not ASCII
        ("02139\n", "USA", None, "021"),
        ("", "USA", None, ""),
    ],
)
def test_area(postcode: str, country: str, state: str | None, kept: str) -> None:
    """Only what is certainly a postcode of the United States leaves three digits."""
    assert area(postcode, country, state) == kept


@pytest.mark.parametrize("start", [*OF_THE_CENSUS_OF_2000, "205", "369"])
def test_small_areas(start: str) -> None:
    """Where few people live, the digits are 000 (45 CFR 164.514(b)(2)(i)(B)); two more areas since 2010."""
    assert area(f"{start}01", "USA") == "000"
    assert area(f"{start}01-0001", "", "WY") == "000"


def test_all_small_areas() -> None:
    """The table has those areas and no others."""
    assert {*OF_THE_CENSUS_OF_2000, "205", "369"} == SMALL_ZIPS
    assert area("82001", "USA") == "820"
