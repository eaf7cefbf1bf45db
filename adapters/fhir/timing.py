"""When an order is to be carried out: TQ1, and before HL7 2.5 the TQ of ORC-7 and OBR-27, as a Timing.

Nothing is computed: an end that would follow from start and duration is not written.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource, add_items
from adapters.fhir.codes import code, concept
from adapters.fhir.context import Context
from adapters.fhir.periods import period
from adapters.fhir.putting import choose
from adapters.fhir.quantities import UCUM, composite, number
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.tables import codes
from adapters.fhir.times import is_before

_CLOCK = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d))?\Z", re.ASCII)
_LENGTH = re.compile(r"([SMHDWL])(\d{1,9})\Z", re.ASCII)
_LENGTHS = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}
"""Units of TQ.3 (HL7 2.3, 4.4.3)."""
_MINUTES = {"min": 1, "h": 60, "d": 1440}
_RPT = frozenset((1, 5, 6, 8, 9, 10))
_TQ = frozenset((1, 2, 3, 4, 5, 6, 8, 12))
CONDITION = frozenset({7})
"""TQ.7, the condition under which a service is done."""


def set_timing(
    found: Resource, orc: Segment | None, obr: Segment | None, timings: Sequence[Segment], context: Context
) -> None:
    """Carry TQ1, or the TQ of earlier versions: ORC-7, else OBR-27."""
    if timings:
        rows.apply("TQ1-ServiceRequest", timings[0], found, context)
        made = timing(timings[0], context)
    else:
        made = _former(found, orc, obr, context)
    if made and choose("occurrenceTiming", made, found, context):
        found.owns.add("occurrence[x]")


def _former(found: Resource, orc: Segment | None, obr: Segment | None, context: Context) -> Json | None:
    """Carry a TQ, which has more than the timing; the same one may be in both segments."""
    given = [(each, field) for each, field in ((orc, 7), (obr, 27)) if each is not None and each.peek(field)]
    if not given or given[0][0].peek(given[0][1]) == NULL:
        return None
    segment, field = given[0]
    raw = segment.get(field)
    for other, same in given[1:]:
        if other.peek(same) == raw:
            other.get(same)
    context.at(segment, field)
    first, *others = raw.split(context.delimiters.repetition)
    if any(others):
        context.leave(Reason.REPEATED)
    _set_parts([*context.components(first), *[""] * 8], found, context)
    return old_timing(first, context, CONDITION)


def _set_parts(parts: list[str], found: Resource, context: Context) -> None:
    amount = parts[0].replace(context.delimiters.subcomponent, context.delimiters.component, 1)
    if quantity := composite(amount, context):
        found.body["quantityQuantity"] = quantity
        found.owns.add("quantity[x]")
    if priority := code(parts[5], context, "priority"):
        found.own("priority", priority)
    if condition := context.delimiters.text(parts[6]):
        found.body["asNeededCodeableConcept"] = {"text": condition}
        found.owns.add("asNeeded[x]")
    if text := context.delimiters.text(parts[7]):
        add_items(found, "note", [{"text": text}])


def timing(tq1: Segment, context: Context) -> Json | None:
    """Return the Timing of a TQ1; its quantity, priority and text are rows."""
    repeat: Json = {}
    made: Json = {}
    for raw in _first(tq1, 3, context):
        made = _pattern(context.components(raw), repeat, context)
    for raw in _first(tq1, 5, context):
        amount, unit = _measured(raw, context)
        _add_offset(amount, unit, repeat, context)
    context.at(tq1, 4)
    _add_clocks(_repetitions(tq1, 4, context), repeat, context)
    _add_bounds(tq1, repeat, context)
    for raw in _first(tq1, 13, context):
        amount, unit = _measured(raw, context)
        _add(repeat, context, duration=amount, durationUnit=unit)
    for raw in _first(tq1, 14, context):
        _add_count(raw, repeat, context)
    return _whole(made, repeat)


def old_timing(raw: str, context: Context, carried: frozenset[int] = frozenset()) -> Json | None:
    """Return the Timing of a TQ, whose quantity, priority, text and *carried* components somebody else carries."""
    parts = context.components(raw)
    context.only(parts, _TQ | carried)
    parts += [""] * (12 - len(parts))
    repeat: Json = {}
    pattern, *clocks = parts[1].split(context.delimiters.subcomponent)
    known = concept(pattern, context, "repeat_pattern")
    _add_clocks([each for part in clocks for each in part.split(",")], repeat, context, "2")
    if limits := period(parts[3], parts[4], context, "4"):
        repeat["boundsPeriod"] = limits
    if length := context.delimiters.text(parts[2]):
        found = _LENGTH.match(length)
        if found is None or limits:
            context.leave(Reason.NO_ELEMENT, "3")
        else:
            repeat["boundsDuration"] = _duration(Decimal(found[2]), _LENGTHS[found[1]])
    _add_count(parts[11], repeat, context, "12")
    return _whole({"code": known} if known else {}, repeat)


def _whole(made: Json, repeat: Json) -> Json | None:
    return ({**made, "repeat": repeat} if repeat else made) or None


def _repetitions(segment: Segment, field: int, context: Context) -> list[str]:
    return [each for each in segment.get(field).split(context.delimiters.repetition) if each and each != NULL]


def _first(segment: Segment, field: int, context: Context) -> list[str]:
    """Return the first repetition of a field, if there is one, and report the others."""
    found = _repetitions(segment, field, context)
    if len(found) > 1:
        context.at(segment, field, 2)
        context.leave(Reason.REPEATED)
    context.at(segment, field)
    return found[:1]


def _pattern(parts: list[str], repeat: Json, context: Context) -> Json:
    """RPT: add a period, or an event of the day with its offset, and return the code."""
    context.only(parts, _RPT)
    parts += [""] * (10 - len(parts))
    if parts[4] or parts[5]:
        _add(
            repeat, context, "5", period=number(context.delimiters.text(parts[4])), periodUnit=_unit(parts[5], context)
        )
    if event := context.delimiters.text(parts[7]):
        if event in codes("event_period"):
            repeat["when"] = [codes("event_period")[event].code]
        else:
            context.leave(Reason.NOT_IN_TABLE, "8")
    if parts[8]:
        _add_offset(number(context.delimiters.text(parts[8])), _unit(parts[9], context), repeat, context, "9")
    raw = parts[0].replace(context.delimiters.subcomponent, context.delimiters.component)
    known = concept(raw, context, "repeat_pattern")
    return {"code": known} if known else {}


def _add(repeat: Json, context: Context, part: str = "", **pair: Decimal | str | None) -> None:
    """Add a number and its unit of time: R4 tim-1 and tim-2 demand both, tim-4 and tim-5 a positive number."""
    if all(pair.values()) and not any(isinstance(each, Decimal) and each < 0 for each in pair.values()):
        repeat |= pair
    else:
        context.leave(Reason.NO_ELEMENT, part)


def _measured(raw: str, context: Context) -> tuple[Decimal | None, str]:
    """CQ: return the number and the unit of time."""
    amount, _, unit = raw.partition(context.delimiters.component)
    return number(context.delimiters.text(amount)), _unit(unit, context)


def _unit(raw: str, context: Context) -> str:
    """Return a unit of time as FHIR writes it, by the code or by the text of a CWE."""
    words = [context.delimiters.text(each).lower() for each in raw.split(context.delimiters.subcomponent)[:2]]
    return next((codes("time_unit")[each].code for each in words if each in codes("time_unit")), "")


def _duration(amount: Decimal, unit: str) -> Json:
    return {"value": amount, "unit": unit, "system": UCUM, "code": unit}


def _add_offset(amount: Decimal | None, unit: str, repeat: Json, context: Context, part: str = "") -> None:
    """Add minutes before or after an event: R4 tim-9 demands the event."""
    minutes = Decimal(-1) if amount is None or unit not in _MINUTES else amount * _MINUTES[unit]
    if not 0 <= minutes < 2**31 or minutes != int(minutes) or "when" not in repeat or "offset" in repeat:
        context.leave(Reason.NO_ELEMENT, part)
    else:
        repeat["offset"] = int(minutes)


def _add_clocks(raw: list[str], repeat: Json, context: Context, part: str = "") -> None:
    """Add times of the day; R4 tim-10 does not allow them beside an event."""
    found = [_CLOCK.match(text) for each in raw if (text := context.delimiters.text(each))]
    clocks = [f"{each[1]}:{each[2]}:{each[3] or '00'}" for each in found if each is not None]
    if len(clocks) < len(found) or (clocks and "when" in repeat):
        context.leave(Reason.NO_ELEMENT, part)
    if clocks and "when" not in repeat:
        repeat["timeOfDay"] = clocks


def _add_bounds(tq1: Segment, repeat: Json, context: Context) -> None:
    """Add start and end, TQ1-7 and 8, or else the length, TQ1-6."""
    ends = {"start": _moment(tq1, 7, context), "end": _moment(tq1, 8, context)}
    limits = {name: value for name, value in ends.items() if value}
    if len(limits) > 1 and is_before(limits["end"], limits["start"]):
        context.leave(Reason.OUT_OF_ORDER)
        del limits["end"]
    if limits:
        repeat["boundsPeriod"] = limits
    for raw in _first(tq1, 6, context):
        amount, unit = _measured(raw, context)
        if amount is None or not unit or limits:
            context.leave(Reason.NO_ELEMENT)
        else:
            repeat["boundsDuration"] = _duration(amount, unit)


def _moment(tq1: Segment, field: int, context: Context) -> str | None:
    raw = tq1.get(field)
    context.at(tq1, field)
    return context.date_time(raw) if raw and raw != NULL else None


def _add_count(raw: str, repeat: Json, context: Context, part: str = "") -> None:
    text = context.delimiters.text(raw)
    if text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31:
        repeat["count"] = int(text[:10])
    elif text:
        context.leave(Reason.UNREADABLE, part)
