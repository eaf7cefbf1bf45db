"""How much, how fast and when: the Dosage of an order or of what is dispensed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.fhir import quantities, rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.medications import amount, quantity_in
from adapters.fhir.orders import first_text
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.timing import old_timing, timing


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a segment says how much; 0 where it does not say it."""

    low: int
    """The highest amount and the units follow it."""
    rate: int
    """The units follow it."""


FIELDS = {"RXO": Fields(2, 21), "RXE": Fields(3, 23)}


def set_dosage(
    found: Resource, segment: Segment, routes: Sequence[Segment], timings: Sequence[Segment], context: Context
) -> None:
    """Set how the medication is to be used: a Dosage for each TQ1, and what is common in each of them."""
    set_route(found, routes, context)
    common: Json = found.body.pop("dosageInstruction", [{}])[0]
    fields = FIELDS[segment.name]
    if portion := {**_dose(segment, fields.low, context), **_rate(segment, fields.rate, context)}:
        common["doseAndRate"] = [portion]
    made = [_timed(common, tq1, len(timings) > 1, context) for tq1 in timings]
    if not timings and segment.name == "RXE" and segment.peek(1) not in {"", NULL}:
        made = [_formerly(common, segment, context)]
    if listed := [each for each in made or [common] if each]:
        found.own("dosageInstruction", listed)


def set_route(found: Resource, routes: Sequence[Segment], context: Context) -> None:
    """Carry the first RXR. Others are alternatives, which a Dosage does not have: they are reported."""
    for rxr in routes[:1]:
        rows.apply(f"RXR-{found.kind}", rxr, found, context)


def _dose(segment: Segment, low: int, context: Context) -> Json:
    """Return the dose: a range if the highest amount is another one than the lowest; nothing of two that are none."""
    context.at(segment, low + 2)
    units = segment.get(low + 2)
    measured = quantities.unit(units, context) if units != NULL else {}
    least, most = (quantity_in(segment, number, measured, context) for number in (low, low + 1))
    is_half = any(made is None and _is_said(segment, low + place, context) for place, made in enumerate((least, most)))
    if is_half or (least and most and least["value"] > most["value"]):
        for place, made in enumerate((least, most)):
            if made is not None:
                context.at(segment, low + place)
                context.leave(Reason.NO_RANGE)
        return {}
    if least is None or most is None or least["value"] == most["value"]:
        given = least or most
        return {"doseQuantity": given} if given else {}
    return {"doseRange": {"low": least, "high": most}}


def _is_said(segment: Segment, number: int, context: Context) -> bool:
    return segment.peek(number) != NULL and bool(context.delimiters.text(segment.peek(number)))


def _rate(segment: Segment, number: int, context: Context) -> Json:
    found = amount(segment, number, context) if segment.peek(number) else None
    return {"rateQuantity": found} if found else {}


def _timed(common: Json, tq1: Segment, is_one_of_several: bool, context: Context) -> Json:
    """Return the dosage of a TQ1: its own amount, texts and time beside what is common."""
    body: Json = {"dosageInstruction": [{name: _copied(value) for name, value in common.items()}]}
    own: Json = body["dosageInstruction"][0]
    portions = own.get("doseAndRate", [{}])
    if tq1.peek(2) and not portions[0].keys() & {"doseQuantity", "doseRange"}:
        context.at(tq1, 2)
        if dose := quantities.simple(tq1.get(2), context):
            own["doseAndRate"] = [{**portions[0], "doseQuantity": dose}]
    rows.fill("TQ1-MedicationRequest", tq1, body, context)
    if first_text(tq1, 9, context) == "PRN":
        own["asNeededBoolean"] = True
    if when := timing(tq1, context):
        own["timing"] = when
    number = context.delimiters.text(tq1.get(1))
    if is_one_of_several and number.isascii() and number.isdigit() and int(number[:9]) > 0:
        own["sequence"] = int(number[:9])
    return own


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value


def _formerly(common: Json, rxe: Segment, context: Context) -> Json:
    """Return the dosage of a TQ, which RXE has in versions before 2.5."""
    context.at(rxe, 1)
    when = old_timing(rxe.get(1).split(context.delimiters.repetition)[0], context)
    return {**common, **({"timing": when} if when else {})}
