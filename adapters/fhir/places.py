"""Functions for places: PL, and where a patient was discharged to."""

from adapters.fhir.bundle import Json, without_empty
from adapters.fhir.codes import codings
from adapters.fhir.context import Context

_PL = frozenset((1, 2, 3, 4, 7, 8, 9))


def place(raw: str, context: Context, _: str = "") -> Json | None:
    """PL: a reference to a place by its words; the levels have no identifier of their own."""
    text = context.delimiters.text
    parts = context.components(raw)
    shown = [text(each.split(context.delimiters.subcomponent)[0]) for each in parts]
    shown += [""] * (9 - len(shown))
    point, room, bed, facility, _status, _kind, building, floor, description = shown[:9]
    words = [each for each in (point, room, bed, floor, building, facility, description) if each]
    context.only(parts, _PL)
    return {"display": ", ".join(words)} if words else None


def encounter_location(raw: str, context: Context, status: str) -> Json | None:
    """Return a location of an encounter; the current one of a patient who is not there yet is planned."""
    found = place(raw, context)
    if status == "current":
        status = "planned" if context.patient_class == "P" else "active"
    return {"location": found, "status": status} if found else None


def discharged_to(raw: str, context: Context, _: str = "") -> Json | None:
    """DLD: where a patient was discharged to."""
    parts = context.texts(raw)
    context.only(parts, frozenset((1, 2)))
    parts += [""] * (6 - len(parts))
    made = codings([*parts[:1], "", "", *[""] * 14], context, "")
    shown = parts[0]
    return without_empty({"display": shown}) if made else None
