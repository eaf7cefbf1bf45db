"""Functions for periods: of two fields or components, and DR in one component."""

from adapters.fhir.bundle import Json
from adapters.fhir.context import Context
from adapters.fhir.report import Reason
from adapters.fhir.times import is_before


def period(start: str, end: str, context: Context, part: str) -> Json | None:
    """Return a Period, of which one end may be missing."""
    found = {}
    if start and (value := context.date_time(start, part)):
        found["start"] = value
    if end and (value := context.date_time(end, str(int(part) + 1))):
        found["end"] = value
        if "start" in found and is_before(value, found["start"]):
            del found["end"]
            context.leave(Reason.OUT_OF_ORDER, str(int(part) + 1))
    return found or None


def validity(raw: str, context: Context, part: str) -> Json | None:
    """DR: return the time for which a name or an address is valid, as HL7 2.3 to 2.6 have it in one component."""
    ends = [*raw.split(context.delimiters.subcomponent), ""]
    found = {
        name: value
        for name, each in zip(("start", "end"), ends, strict=False)
        if each and (value := context.date_time(each, part))
    }
    if len(found) > 1 and is_before(found["end"], found["start"]):
        del found["end"]
        context.leave(Reason.OUT_OF_ORDER, part)
    return found or None


def date_range(raw: str, context: Context, _: str = "") -> Json | None:
    """DR: return a period if the range has an end."""
    start, end = (*context.components(raw), "")[:2]
    return period(start, end, context, "1") if end else None
