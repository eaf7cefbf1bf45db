"""When an appointment is: R4 wants two instants, and HL7 has the time in three places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.quantities import number
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.tables import HL7_EXTENSIONS
from adapters.fhir.times import later

ABSENT: Json = {"extension": [{"url": f"{HL7_EXTENSIONS}data-absent-reason", "valueCode": "unknown"}]}
WITHOUT_TIME = frozenset({"proposed", "cancelled", "waitlist"})
"""Statuses of which R4 demands no time (app-3)."""
STARTS = {"AIS": 4, "AIG": 8, "AIL": 6, "AIP": 6}
"""The field of the start in the segments of resources; the duration and its units are three fields further on."""
SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
}
"""Units of time as they are written; M is the minute, because HL7 has S, M, H for a duration."""
MOST_MINUTES = 60 * 24 * 366


@dataclass(slots=True)
class Booking:
    """The time of an appointment."""

    start: str = ""
    """An instant."""
    end: str = ""
    minutes: int = 0
    period: Json = field(default_factory=dict)
    """The same as far as it was sent."""
    sent: str = ""
    """The start as received."""

    def write(self, made: Resource) -> None:
        """Set the time. R4 wants start and end (app-2, app-3): the one that is not known is absent with a reason."""
        for name, value in (("start", self.start), ("end", self.end)):
            if value:
                made.own(name, value)
                made.clears.add(f"_{name}")
            elif self.sent:
                made.own(f"_{name}", ABSENT)
                made.clears.add(name)
            elif made.body["status"] not in WITHOUT_TIME:
                made.body[f"_{name}"] = ABSENT
        if self.minutes:
            made.own("minutesDuration", self.minutes)


def booking(sch: Segment, segments: Sequence[Segment], context: Context) -> Booking:
    """Return the time of TQ1, else of SCH-11, else the one that all resources have in common."""
    found = Booking()
    context.at(sch, 9)
    found.minutes = duration_of(sch.get(9), sch.get(10), context)
    for segment, place, start, end, minutes in _times(sch, segments, context):
        found.minutes = found.minutes or minutes
        if start:
            context.at(segment, place)
            _set(found, start, end, context)
            break
    return found


def _set(found: Booking, start: str, end: str, context: Context) -> None:
    found.sent = start
    if value := context.date_time(start):
        found.period["start"] = value
        found.start = context.instant(start) or ""
    if end and (value := context.date_time(end)):
        found.period["end"] = value
        found.end = context.instant(end) or ""
    elif found.minutes:
        found.end = later(found.start, found.minutes)
        if value := later(found.period.get("start", ""), found.minutes):
            found.period["end"] = value


def _times(sch: Segment, segments: Sequence[Segment], context: Context) -> Iterator[tuple[Segment, int, str, str, int]]:
    """Yield segment, field, start, end and minutes, of the places that may have them."""
    for tq1 in (each for each in segments if each.name == "TQ1"):
        amount, _, units = tq1.get(6).partition(context.delimiters.component)
        tq1.get(1)
        context.at(tq1, 6)
        units = units.replace(context.delimiters.subcomponent, context.delimiters.component)
        yield tq1, 7, _sent(tq1.get(7)), _sent(tq1.get(8)), duration_of(amount, units, context)
    if sch.peek(11):
        context.at(sch, 11)
        parts = context.components(sch.get(11).split(context.delimiters.repetition)[0])
        context.only(parts, frozenset((4, 5)))
        parts += [""] * (5 - len(parts))
        yield sch, 11, parts[3], parts[4], 0
    resources = [each for each in segments if each.name in STARTS]
    starts = {start for each in resources if (start := _sent(each.peek(STARTS[each.name])))}
    if len(starts) == 1:
        for each in resources:
            place = STARTS[each.name]
            if each.peek(place):
                context.at(each, place + 3)
                length = duration_of(each.get(place + 3), each.get(place + 4), context)
                yield each, place, _sent(each.get(place)), "", length


def _sent(raw: str) -> str:
    return "" if raw == NULL else raw


def duration_of(amount: str, units: str, context: Context) -> int:
    """Return whole minutes; 0, and a line in the report, if it is something else."""
    text = context.delimiters.text(amount.split(context.delimiters.component, maxsplit=1)[0])
    if not text:
        return 0
    names = [each.casefold() for each in context.texts(units)]
    seconds = next((SECONDS[each] for each in names if each in SECONDS), 0)
    value = number(text)
    minutes = value * seconds / 60 if value is not None else Decimal()
    if 0 < minutes <= MOST_MINUTES and minutes == int(minutes):
        return int(minutes)
    context.leave(Reason.UNREADABLE)
    return 0
