"""Functions for addresses: XAD, and those of which only the text is known."""

from adapters.fhir.bundle import Json, without_empty
from adapters.fhir.context import Context
from adapters.fhir.periods import period, validity
from adapters.fhir.report import Reason

ADDRESS_USES = {"H": "home", "P": "home", "B": "work", "O": "work", "C": "temp", "BA": "old", "BI": "billing"}
ADDRESS_TYPES = {"M": "postal"}
_XAD = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14))


def address(raw: str, context: Context, _: str = "") -> Json | None:
    """XAD: an address."""
    text = context.delimiters.text
    parts = context.components(raw)
    context.only(parts, _XAD)
    parts += [""] * (14 - len(parts))
    street = [text(each) for each in parts[0].split(context.delimiters.subcomponent)]
    more = [each for each in street[1:] if each and each not in street[0]]
    lines = [street[0], *more] if street[0] else [" ".join(more)]
    county = [text(each) for each in parts[8].split(context.delimiters.subcomponent)[:2]]
    if all(county[1:]) and len(county) > 1:
        context.leave(Reason.NO_ELEMENT, "9")  # its code
    kind = text(parts[6])
    if kind and kind not in ADDRESS_USES and kind not in ADDRESS_TYPES:
        context.leave(Reason.NOT_IN_TABLE, "7")
    made: Json = {
        "use": ADDRESS_USES.get(kind, ""),
        "type": ADDRESS_TYPES.get(kind, ""),
        "line": [*lines, text(parts[1])],
        "city": text(parts[2]),
        "district": next((each for each in reversed(county) if each), ""),
        "state": text(parts[3]),
        "postalCode": text(parts[4]),
        "country": text(parts[5]),
        "period": period(parts[12], parts[13], context, "13") or validity(parts[11], context, "12"),
    }
    found = without_empty(made)
    return found if found and found.keys() - {"use", "type", "period"} else None


def place_text(raw: str, context: Context, _: str = "") -> Json | None:
    """Return an address of which only the text is known."""
    text = context.delimiters.text(raw.replace(context.delimiters.component, " "))
    return {"text": text} if text else None
