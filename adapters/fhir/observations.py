"""OBX: observations and documents, with the comments that follow them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.fhir import quantities, rows
from adapters.fhir.attachments import attachment
from adapters.fhir.bundle import Json, Resource, urn
from adapters.fhir.codes import concept
from adapters.fhir.context import Context
from adapters.fhir.identity import order_number
from adapters.fhir.notes import annotation
from adapters.fhir.person import coded
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.specimens import named
from adapters.fhir.values import ATTACHED, DATATYPES, LINES, RUNS, read_value

STATUSES = {
    **dict.fromkeys("FU", "final"),
    **dict.fromkeys("PRS", "preliminary"),
    **dict.fromkeys("IO", "registered"),
    "C": "corrected",
    "A": "amended",
    **dict.fromkeys("DW", "entered-in-error"),
    "X": "cancelled",
    "N": "final",
}
"""HL7 table 0085, and FHIR's observation-status."""


Key = tuple[str, ...]
NUMBER, TIME = "OBX-21", "OBX-14"
"""Words in the key of an observation, before its number and its time."""
CORRECTED = frozenset({"amended", "corrected"})
_READ = frozenset({2, 4, 5, 6, 7, 11})
"""Fields of OBX that no row carries, but the functions here."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the observations of an order, or of a visit, have in common."""

    owner: Resource
    visit: Resource | None
    key: tuple[str, ...]
    """The order's or the visit's key: an observation has none of its own."""
    specimen: Resource | None = None
    start: str = ""
    """OBR-7, for observations without OBX-14."""
    is_timed: bool = False
    """Whether OBX-14 tells observations apart: those of a visit are measured again and again, as a weight is."""


@dataclass(slots=True)
class Run:
    """An OBX, those that continue its text, and the comments after them."""

    first: Segment
    more: list[Segment]
    notes: list[Segment]


def runs(segments: Sequence[Segment], context: Context) -> Iterator[Run]:
    """Yield each observation; lines of text that are of one thing are one observation."""
    current: Run | None = None
    for segment in segments:
        if segment.name == "NTE":
            if current is not None:
                current.notes.append(segment)
        elif current is not None and not current.notes and _continues(current.first, segment, context):
            current.more.append(segment)
        else:
            if current is not None:
                yield current
            current = Run(segment, [], [])
    if current is not None:
        yield current


def _continues(first: Segment, other: Segment, context: Context) -> bool:
    """Whether *other* is a line of the same text: a line may leave out flag, status and time, and has no other ones."""
    if first.peek(3) != other.peek(3) or first.peek(4) != other.peek(4) or first.peek(21) != other.peek(21):
        return False
    if any(other.peek(each) not in {"", first.peek(each)} for each in (8, 11, 14)):
        return False
    return {kind_of(first, context), kind_of(other, context)} <= RUNS


def kind_of(obx: Segment, context: Context) -> str:
    """Return the datatype; some senders write a whole CWE in OBX-2."""
    raw = obx.peek(2)
    if raw in DATATYPES:
        return raw
    return context.delimiters.text(raw.split(context.delimiters.component)[0]).upper()


def observe(segments: Sequence[Segment], frame: Frame, context: Context) -> list[Resource]:
    """Convert the OBX among *segments* with the NTE after each."""
    found = list(runs(segments, context))
    times: dict[tuple[str, str], set[str]] = {}
    for run in found:
        times.setdefault(_named(run), set()).add(run.first.peek(14))
    made = (_observe(run, frame, context, is_one_of_several=len(times[_named(run)]) > 1) for run in found)
    return [each for each in made if each is not None]


def _named(run: Run) -> tuple[str, str]:
    return run.first.peek(3), run.first.peek(4)


def _key(obx: Segment, what: Sequence[str], frame: Frame, context: Context, *, is_one_of_several: bool) -> Key:
    """Return the key of an observation: OBX-21, or what is observed, with its time if the message has others of it."""
    if (number := order_number(obx, 21, context, ())) is not None and obx.peek(21) != NULL:
        return (*frame.key, NUMBER, *number)
    key = (*frame.key, *what, context.delimiters.text(obx.peek(4)))
    has_time = (frame.is_timed or is_one_of_several) and obx.peek(14) != NULL
    time = context.texts(obx.peek(14))[0] if has_time else ""
    if not time:
        return key
    if not frame.is_timed:
        context.at(obx, 14)
        context.leave(Reason.KEYED_BY_TIME)
    return (*key, TIME, time)


def _also(found: Resource, obx: Segment, context: Context) -> None:
    """Note the other key of a correction of one result, if the first message had several at different times."""
    time = context.texts(obx.peek(14))[0] if obx.peek(14) != NULL else ""
    if time and not {NUMBER, TIME} & {*found.key} and found.body["status"] in CORRECTED:
        found.also.append(urn(found.kind, (*found.key, TIME, time)))


def _observe(run: Run, frame: Frame, context: Context, *, is_one_of_several: bool) -> Resource | None:
    obx = run.first
    kind = kind_of(obx, context)
    obx.read |= _READ
    context.at(obx, 3)
    parts = context.texts(obx.peek(3).split(context.delimiters.repetition)[0])
    what = [each for each in parts[0:3:2] if each] or [each for each in parts if each]
    if not what:
        context.leave(Reason.NO_KEY)
        return None
    key = _key(obx, what, frame, context, is_one_of_several=is_one_of_several)
    if kind in ATTACHED:
        return _document(obx, kind, key, frame, context)
    found = context.bundle.new("Observation", key)
    rows.apply("OBX-Observation", obx, found, context)
    if "code" not in found.body:
        found.body["code"] = {"text": what[0]}  # R4: 1..1; OBX-3 may have neither code nor text
    _place_it(found, obx, frame)
    _set_specimen(found, obx, frame, context)
    measured = _measured(obx, context)
    _set_value(found, run, kind, measured, context)
    _set_status(found, obx, context)
    _also(found, obx, context)
    _set_range(found, obx, measured, context)
    if run.notes:
        _set_notes(found, run.notes, context)
    return found


def _place_it(found: Resource, obx: Segment, frame: Frame) -> None:
    found.own("subject", frame.owner.reference)
    if frame.visit is not None:
        found.own("encounter", frame.visit.reference)
    if frame.start and not obx.peek(14):
        found.own("effectiveDateTime", frame.start)
        found.owns = (found.owns - {"effectiveDateTime"}) | {"effective[x]"}


def _set_specimen(found: Resource, obx: Segment, frame: Frame, context: Context) -> None:
    """Set the specimen that OBX-33 names, else the only one of the order."""
    known = frame.specimen.reference if frame.specimen is not None else None
    if (raw := obx.peek(33)) and raw != NULL:
        context.at(obx, 33)
        first, *others = obx.get(33).split(context.delimiters.repetition)
        if any(others):
            context.leave(Reason.REPEATED)
        known = named(first, frame.owner, context) or known
    if known is not None:
        found.own("specimen", known)


def _measured(obx: Segment, context: Context) -> Json:
    context.at(obx, 6)
    raw = obx.peek(6)
    if not raw or raw == NULL:
        return {}
    known: Json | None = context.known.get(("unit", "", raw))
    if known is None:
        count = len(context.report)
        known = quantities.unit(raw, context)
        if len(context.report) == count:
            context.known["unit", "", raw] = known
    return known


def _set_value(found: Resource, run: Run, kind: str, measured: Json, context: Context) -> None:
    obx = run.first
    context.at(obx, 5)
    raw = obx.peek(5)
    if raw == NULL:
        found.clears.add("value[x]")
        return
    if run.more or kind in LINES:
        text = "\n".join(lines(run, context)).strip()
        values = [("String", text)] if text else []
    elif context.delimiters.repetition not in raw:
        one = read_value(kind, raw, measured, context)
        values = [one] if one is not None else []
    else:
        each_value = raw.split(context.delimiters.repetition)
        made = [read_value(kind, each, measured, context) for each in each_value if each and each != NULL]
        values = [each for each in made if each is not None]
    if len(values) == 1:
        found.body[f"value{values[0][0]}"] = values[0][1]
        found.owns.add("value[x]")
    elif values:  # R4 obs-7: no value beside components with the same code
        code = found.body.get("code", {})
        found.own("component", [{"code": code, f"value{name}": value} for name, value in values])
        found.owns.add("value[x]")


def lines(run: Run, context: Context) -> Iterator[str]:
    """Yield the lines of a text in OBX-5, of each OBX that continues it."""
    for obx in (run.first, *run.more):
        for number in range(1, len(obx.fields)):
            if number in {1, 2, 3, 4, 5} or obx.peek(number) == run.first.peek(number):
                obx.get(number)
        for each in obx.peek(5).split(context.delimiters.repetition):
            yield context.delimiters.text(each)


def _set_status(found: Resource, obx: Segment, context: Context) -> None:
    sent = obx.peek(11)
    if sent not in STATUSES:
        sent = context.delimiters.text(sent.split(context.delimiters.component)[0])
    if sent and sent not in STATUSES:
        context.at(obx, 11)
        context.leave(Reason.NOT_IN_TABLE)
    found.own("status", STATUSES.get(sent, "unknown"))
    if sent == "N" and not ("component" in found.body or any(name.startswith("value") for name in found.body)):
        found.own("dataAbsentReason", coded("not-asked", quantities.ABSENT))  # R4 obs-6


def _set_range(found: Resource, obx: Segment, measured: Json, context: Context) -> None:
    raw = obx.peek(7)
    if raw == NULL:
        found.clears.add("referenceRange")
    elif raw and (made := quantities.reference_range(raw, measured, context)) is not None:
        found.own("referenceRange", [made])


def _set_notes(found: Resource, notes: Sequence[Segment], context: Context) -> None:
    if made := [note for each in notes if (note := annotation(each, context))]:
        found.own("note", made)


def _document(obx: Segment, kind: str, key: tuple[str, ...], frame: Frame, context: Context) -> Resource | None:
    """Return the document of an OBX: R4 has no valueAttachment."""
    context.at(obx, 5)
    found = [attachment(kind, each, context) for each in obx.peek(5).split(context.delimiters.repetition) if each]
    content: list[Any] = [{"attachment": each} for each in found if each]
    if not content:
        return None
    made = context.bundle.new("DocumentReference", key)
    sent = context.delimiters.text(obx.get(11).split(context.delimiters.component)[0])
    made.own("status", "entered-in-error" if sent in {"D", "W"} else "current")
    context.at(obx, 3)
    if code := concept(obx.get(3), context):
        made.own("type", code)
    made.own("subject", frame.owner.reference)
    made.own("content", content)
    obx.get(1)
    if frame.visit is not None:
        made.own("context", {"encounter": [frame.visit.reference]})
    return made
