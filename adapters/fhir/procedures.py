"""PR1: the procedures of a visit."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.fhir import rows
from adapters.fhir.bundle import Resource, urn
from adapters.fhir.codes import described
from adapters.fhir.context import Context
from adapters.fhir.identifiers import entity_identifier
from adapters.fhir.identity import entity_key, order_number
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason


def procedures(
    segments: Sequence[Segment], owner: Resource, visit: Resource | None, context: Context
) -> dict[int, Resource]:
    """Return the procedure of each PR1 that has a key, by the number of the segment."""
    made = {each.occurrence: found for each in segments if (found := _procedure(each, owner, visit, context))}
    for each in segments:
        if each.occurrence in made and each.peek(25) not in {"", NULL}:
            _set_parent(each, made[each.occurrence], owner, context)
    return made


def _procedure(pr1: Segment, owner: Resource, visit: Resource | None, context: Context) -> Resource | None:
    context.at(pr1, 3)
    key = _key(pr1, owner, visit, context)
    if key is None:
        context.leave(Reason.NO_KEY)
        return None
    found = context.bundle.get("Procedure", key)
    rows.apply("PR1-Procedure", pr1, found, context)
    _set_text(pr1, found, context)
    _set_time(pr1, found, context)
    found.own("subject", owner.reference)
    if visit is not None:
        found.own("encounter", visit.reference)
    if pr1.get(20) == "D":
        found.own("status", "entered-in-error")
    else:
        found.body.setdefault("status", "unknown")  # HL7's map: the message does not say it
    return found


def _key(pr1: Segment, owner: Resource, visit: Resource | None, context: Context) -> tuple[str, ...] | None:
    """Return the key: PR1-19, or else the code and the time, because a procedure may be done several times."""
    number = order_number(pr1, 19, context, ())
    if number is not None:
        return (*owner.key, "PR1", *number)
    parts = context.texts(pr1.peek(3).split(context.delimiters.repetition)[0])
    what = [each for each in (*parts[:1], *parts[2:3]) if each] or [each for each in parts if each]
    what = what or [each for each in [context.delimiters.text(pr1.peek(4))] if each]
    time = context.delimiters.text(pr1.peek(5).split(context.delimiters.component)[0])
    if not what:
        return None
    if time:
        context.leave(Reason.KEYED_BY_TIME)
    return (*owner.key, *(visit.key if visit else ()), "PR1", *what, time)


def _set_text(pr1: Segment, found: Resource, context: Context) -> None:
    text = context.delimiters.text(pr1.get(4))
    if text:
        context.at(pr1, 4)
        found.own("code", described(found.body.get("code"), pr1.peek(3), text, context))


def _set_time(pr1: Segment, found: Resource, context: Context) -> None:
    """Set when it was done: a period if PR1-7 says how many minutes it took and PR1-5 has a time of day."""
    context.at(pr1, 5)
    if pr1.get(5) == NULL:
        found.clears.add("performed[x]")
        return
    start = context.date_time(pr1.peek(5))
    if start is None:
        return
    end = _end(start, context.delimiters.text(pr1.peek(7)))
    if end is not None:
        pr1.get(7)
        found.body["performedPeriod"] = {"start": start, "end": end}
    else:
        found.body["performedDateTime"] = start
    found.owns.add("performed[x]")


def _end(start: str, minutes: str) -> str | None:
    if "T" not in start or not (minutes.isascii() and minutes.isdigit()) or len(minutes) > 6:
        return None
    try:
        return (datetime.fromisoformat(start) + timedelta(minutes=int(minutes))).isoformat()
    except OverflowError:
        return None


def _set_parent(pr1: Segment, found: Resource, owner: Resource, context: Context) -> None:
    """Say of which procedure it is a part: PR1-25 names one of this message, or one that only its number identifies."""
    context.at(pr1, 25)
    raw = pr1.get(25).split(context.delimiters.repetition)[0]
    number = entity_key(raw, context, ())
    parent = context.bundle.find(urn("Procedure", (*owner.key, "PR1", *number))) if number else None
    if parent is not None and parent is not found:
        found.own("partOf", [parent.reference])
    elif parent is None and (identifier := entity_identifier(raw, context)):
        found.own("partOf", [{"identifier": identifier}])
