"""Functions for names of people: XPN."""

from adapters.fhir.bundle import Json, without_empty
from adapters.fhir.context import Context
from adapters.fhir.periods import period, validity
from adapters.fhir.report import Reason
from adapters.fhir.tables import HL7_EXTENSIONS

NAME_USES = {
    "L": "official",
    "M": "maiden",
    "D": "usual",
    "N": "nickname",
    "S": "anonymous",
    "B": "old",
    "BAD": "old",
}
_FN_EXTENSIONS = ("own-prefix", "own-name", "partner-prefix", "partner-name")
_XPN = frozenset((1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14))


def human_name(raw: str, context: Context, _: str = "") -> Json | None:
    """XPN: a name; surnames of a couple are kept apart."""
    parts = context.components(raw)
    context.only(parts, _XPN)
    parts += [""] * (14 - len(parts))
    use = context.delimiters.text(parts[6])
    made = name_of(parts, (1, 2), (3, 5, 13), (4,), context)
    if not made:
        return None
    if use and use not in NAME_USES:
        context.leave(Reason.NOT_IN_TABLE, "7")
    made["use"] = NAME_USES.get(use, "")
    made["period"] = period(parts[11], parts[12], context, "12") or validity(parts[9], context, "10")
    return without_empty(made)


def name_of(
    parts: list[str], given: tuple[int, ...], suffix: tuple[int, ...], prefix: tuple[int, ...], context: Context
) -> Json:
    """Return a name from a family name in the first of *parts* and the others at these indices."""
    text = context.delimiters.text
    family = [text(each) for each in parts[0].split(context.delimiters.subcomponent)]
    more = [
        {"url": f"{HL7_EXTENSIONS}humanname-{name}", "valueString": value}
        for name, value in zip(_FN_EXTENSIONS, family[1:], strict=False)
        if value
    ]
    made = {
        "family": family[0],
        "_family": {"extension": more} if more and family[0] else None,
        "given": [each for index in given if (each := text(parts[index]))],
        "prefix": [each for index in prefix if (each := text(parts[index]))],
        "suffix": [each for index in suffix if (each := text(parts[index]))],
    }
    return without_empty(made) or {}


def maiden_name(raw: str, context: Context, _: str = "") -> str | None:
    """Return the family name of an XPN; other parts are reported."""
    parts = context.components(raw)
    context.only(parts, frozenset((1, 7)))
    return context.delimiters.text(parts[0].split(context.delimiters.subcomponent)[0]) or None
