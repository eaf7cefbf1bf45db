"""Applies the rows of a segment to a resource, and notes what the message owns and clears."""

from typing import Any

from adapters.fhir import codes, datatypes, parts, quantities, references
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context, Function
from adapters.fhir.keeping import keep, shares, shares_of
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.tables import Row, Step, carried, numbers, rows
from adapters.fhir.times import is_before, read_time

YES_NO = {"Y": True, "YES": True, "TRUE": True, "1": True, "N": False, "NO": False, "FALSE": False, "0": False}


def _date(raw: str, context: Context, _: str = "") -> str | None:
    time = context.time(raw)
    return time.date if time else None


def _time_of_birth(raw: str, context: Context, _: str = "") -> str | None:
    """Return the time of birth; a date alone is in birthDate already, whose row has reported a time in another form."""
    time = read_time(context.delimiters.text(raw.split(context.delimiters.component, 1)[0]))
    if time is None or not (time.clock or time.is_cut):
        return None
    if time.clock and context.zone_of(time):
        return context.date_time(raw)
    context.leave(Reason.NO_TIME_ZONE if time.clock else Reason.NOT_WHOLE)
    return None


def _boolean(raw: str, context: Context, _: str = "") -> bool | None:
    text = context.delimiters.text(raw).upper()
    if text and text not in YES_NO:
        context.leave(Reason.NOT_IN_TABLE)
    return YES_NO.get(text)


def _integer(raw: str, context: Context, _: str = "") -> int | None:
    text = context.delimiters.text(raw)
    if text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31:
        return int(text[:10])
    if text:
        context.leave(Reason.UNREADABLE)
    return None


def _count(raw: str, context: Context, _: str = "") -> int | None:
    """Return a number that may be 0."""
    text = context.delimiters.text(raw)
    if text.isascii() and text.isdigit() and int(text[:10]) < 2**31:
        return int(text[:10])
    if text:
        context.leave(Reason.UNREADABLE)
    return None


def _remark(raw: str, context: Context, _: str = "") -> Json | None:
    """CWE: return what people read of it, as a comment."""
    made = codes.concept(raw, context) or {}
    text = made.get("text") or next((each.get("display") or each["code"] for each in made.get("coding", ())), None)
    return {"text": text} if text else None


def _string(raw: str, context: Context, _: str = "") -> str | None:
    return context.delimiters.text(raw) or None


def _note(raw: str, context: Context, _: str = "") -> Json | None:
    text = context.delimiters.text(raw)
    return {"text": text} if text else None


def _range(raw: str, context: Context, _: str = "") -> Json | None:
    """DR: return a period if the range has an end."""
    start, end = (*context.components(raw), "")[:2]
    return datatypes.period(start, end, context, "1") if end else None


def _words(raw: str, context: Context, _: str = "") -> Json | None:
    """Return the words of a coded value as a comment."""
    parts = context.texts(raw)
    text = " ".join(each for each in (parts[1:2] if parts[1:2] != [""] else []) or parts[:1] if each)
    return {"text": text} if text else None


def _date_time(raw: str, context: Context, _: str = "") -> str | None:
    return context.date_time(raw)


def _instant(raw: str, context: Context, _: str = "") -> str | None:
    return context.instant(raw)


def _device(raw: str, context: Context, _: str = "") -> Json | None:
    """Return a reference to a device of which only the identifier is known."""
    identifier = datatypes.entity_identifier(raw, context)
    return {"identifier": identifier} if identifier else None


def _producer(raw: str, context: Context, _: str = "") -> Json | None:
    """Return a reference to an organization that a code names."""
    concept = codes.concept(raw, context)
    if concept is None:
        return None
    coding: Json = next(iter(concept.get("coding", ())), {})
    given = {name: coding[key] for name, key in (("system", "system"), ("value", "code")) if key in coding}
    return {**({"identifier": given} if given else {}), "display": concept.get("text") or coding["code"]}


FUNCTIONS: dict[str, Function] = {
    "AGENT": parts.agent,
    "BENEFICIARY": parts.beneficiary,
    "BIRTHTIME": _time_of_birth,
    "BOOL": _boolean,
    "CLASS": codes.encounter_class,
    "CODE": codes.code,
    "CODE_EXTENSION": codes.code_extension,
    "CODING": codes.one_coding,
    "CONTACT": references.contact,
    "COST": parts.cost,
    "COUNT": _count,
    "CQ": quantities.composite,
    "CWE": codes.concept,
    "CX": datatypes.identifier,
    "DATE": _date,
    "DAYS": quantities.days,
    "DEVICE": _device,
    "DLD": datatypes.discharged_to,
    "DR": _range,
    "DTM": _date_time,
    "EI": datatypes.entity_identifier,
    "FACILITY": parts.facility,
    "FIRST": parts.first,
    "INSTANT": _instant,
    "INTEGER": _integer,
    "LANGUAGE": codes.language,
    "MAIDEN": datatypes.maiden_name,
    "NDL": datatypes.principal,
    "NOTE": _note,
    "NUMBER": parts.number,
    "PARTICIPANT": datatypes.participant,
    "PERFORMER": parts.performer,
    "PER_DAY": quantities.per_day,
    "PL": datatypes.encounter_location,
    "PLACE": datatypes.place,
    "PLACE_TEXT": datatypes.place_text,
    "PRODUCER": _producer,
    "PROVIDER": references.provider,
    "REMARK": _remark,
    "SIMPLE": quantities.simple,
    "ST": _string,
    "WORDS": _words,
    "TYPED": datatypes.typed_identifier,
    "XAD": datatypes.address,
    "XCN": datatypes.practitioner,
    "XON": datatypes.organization,
    "XPN": datatypes.human_name,
    "XTN": datatypes.telecom,
}
"""The functions that the rows name, by datatype."""
MOST_REPETITIONS = 1000
REPEATING = frozenset({"CWE", "DTM", "EI", "XCN", "XON"})
"""Datatypes of which a value is made once in a message; nobody changes the value afterwards."""


def apply(table: str, segment: Segment, resource: Resource, context: Context) -> None:
    """Carry the fields of *segment* into *resource*, as the rows of *table* say."""
    replaced = context.options.rows.get(table)
    segment.read |= numbers(table) if replaced is None else {row.number for row in replaced}
    fields, count = segment.fields, len(segment.fields)
    for number, row in carried(table) if replaced is None else ((each.number, each) for each in replaced if each.steps):
        if number < count and (raw := fields[number]):
            carry(row, segment, raw, resource, context)
    keep(shares_of(table) if replaced is None else shares(replaced), segment, resource)
    if len(resource.body.get("period", ())) > 1:
        _keep_order(table, segment, resource, context)


def _keep_order(table: str, segment: Segment, resource: Resource, context: Context) -> None:
    """Leave out an end before the start."""
    period = resource.body["period"]
    if is_before(period["end"], period["start"]):
        number = next((row.number for row in rows(table) if row.element == "period.end"), 0)
        context.at(segment, number)
        context.leave(Reason.OUT_OF_ORDER)
        del period["end"]
        resource.owns.discard("period.end")


def fill(table: str, segment: Segment, body: Json, context: Context) -> None:
    """Carry the fields of *segment* into an object that is a part of a resource."""
    part = Resource("", (), "", body)
    apply(table, segment, part, context)


def carry(row: Row, segment: Segment, raw: str, resource: Resource, context: Context) -> None:
    """Carry one field into *resource*, or note that it clears the element."""
    if raw == NULL:
        resource.clears.add(row.owned)
        return
    context.at(segment, row.number)
    made = _values(row, segment, raw, context) if context.delimiters.repetition in raw else _made(row, raw, context)
    if made is None:
        return
    is_list = len(row.steps) == 1 and row.steps[0].is_list
    for value in made if isinstance(made, list) else (made,):
        if is_list:
            resource.append(row.owned, value)
            resource.owns.add(row.owned)
        elif put(resource.body, row.steps, value):
            resource.owns.add(row.owned)
        elif _loses(resource.body, row.steps, value):
            context.leave(Reason.REPEATED)


def _values(row: Row, segment: Segment, raw: str, context: Context) -> list[Any]:
    """Return the values of a field with repetitions: one for each, if the element takes more than one."""
    takes_more = any(step.is_list for step in row.steps) or row.steps[-1].extension
    values: list[Any] = []
    for number, each in enumerate(raw.split(context.delimiters.repetition), 1):
        if not each or each == NULL:
            continue
        context.at(segment, row.number, number)
        if number > MOST_REPETITIONS:
            context.leave(Reason.TOO_MANY)
            break
        if values and not takes_more:
            context.leave(Reason.REPEATED)
        else:
            values += _listed(_made(row, each, context))
    return values


def _listed(made: Any) -> list[Any]:
    return made if isinstance(made, list) else [] if made is None else [made]


def _made(row: Row, raw: str, context: Context) -> Any:
    """Return the value of a repetition; results repeat the same units, times and people over and over."""
    replaced = context.options.functions
    function = (replaced.get(row.datatype) if replaced else None) or FUNCTIONS[row.datatype]
    if row.datatype not in REPEATING:
        return function(raw, context, row.argument)
    key = (row.datatype, row.argument, raw)
    if key in context.known:
        return context.known[key]
    count = len(context.report)
    made = function(raw, context, row.argument)
    if len(context.report) == count:
        context.known[key] = made
    return made


def put(body: Json, steps: tuple[Step, ...], value: Any) -> bool:
    """Put *value* where *steps* lead; false if another row has set that element, or its choice of types."""
    for step in steps[:-1] if len(steps) > 1 else ():
        if step.extension:
            holder: Json = {"url": step.extension}
            body.setdefault(step.name, []).append(holder)
            body = holder
        elif step.is_list:  # a way goes on in the first item
            body = body.setdefault(step.name, [{}])[0]
        else:
            body = body.setdefault(step.name, {})
    last = steps[-1]
    if last.extension:
        body.setdefault(last.name, []).append({"url": last.extension, **value})
    elif last.is_list:
        listed = body.setdefault(last.name, [])
        if value not in listed:
            listed.append(value)
    elif last.name in body or (last.name in EXCLUSIVE and not EXCLUSIVE[last.name].isdisjoint(body)):
        return False
    else:
        body[last.name] = value
    return True


def choose(name: str, value: Any, found: Resource, context: Context) -> bool:
    """Set an element of the resource itself; false, and a line of the report, if another field has set it."""
    steps = (Step(name),)
    if put(found.body, steps, value):
        return True
    if _loses(found.body, steps, value):
        context.leave(Reason.REPEATED)
    return False


def _loses(body: Json, steps: tuple[Step, ...], value: Any) -> bool:
    """Whether another field has set the element to something else, so that *value* is nowhere."""
    for step in steps[:-1]:
        inner = body.get(step.name, {})
        body = inner[0] if step.is_list else inner
    name = steps[-1].name
    return bool(body[name] != value) if name in body else name not in IMPLIED or value is False


CHOICES = (
    ("multipleBirthBoolean", "multipleBirthInteger"),
    ("deceasedBoolean", "deceasedDateTime"),
    ("effectiveDateTime", "effectivePeriod"),
    ("onsetString", "onsetDateTime"),
    ("occurrenceDateTime", "occurrenceTiming"),
    ("collectedDateTime", "collectedPeriod"),
)
"""Types of one element, of which a resource has one: the one that is set first."""
EXCLUSIVE = {one: {other for other in names if other != one} for names in CHOICES for one in names}
IMPLIED = frozenset({"multipleBirthBoolean", "deceasedBoolean", "effectiveDateTime", "collectedDateTime"})
"""Those that say nothing more than the other one does, unless they deny it."""
