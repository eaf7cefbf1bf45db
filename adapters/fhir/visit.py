"""The encounter of a message."""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import UNKNOWN_CLASS
from adapters.fhir.context import Context
from adapters.fhir.events import CANCELS, Encounter, Event
from adapters.fhir.identity import Key, visit_key
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.times import is_before


def visit(
    pv1: Segment, pid: Segment, others: Sequence[Segment], event: Event, owner: Resource, context: Context
) -> Resource | None:
    """Return the encounter of *pv1*; None if nothing identifies it."""
    context.patient_class = context.delimiters.text(pv1.peek(2).split(context.delimiters.component)[0])
    context.at(pv1, 19)
    key = visit_key(pv1, pid.peek(18), owner.key, context)
    if key is None:
        context.leave(Reason.NO_KEY)
        return None
    return _encounter(*key, pv1, others, event, owner, context)


def _encounter(
    key: Key, by_start: bool, pv1: Segment, others: Sequence[Segment], event: Event, owner: Resource, context: Context
) -> Resource:
    if by_start:
        context.leave(Reason.KEYED_BY_START)
    found = context.bundle.get("Encounter", *key)
    rows.apply("PV1-Encounter", pv1, found, context)
    for segment in others:
        if segment.name == "PV2":
            rows.apply("PV2-Encounter", segment, found, context)
    found.own("subject", owner.reference)
    found.body.setdefault("class", UNKNOWN_CLASS)  # R4: 1..1
    _set_status(found, event, pv1, others, context)
    return found


def _set_status(found: Resource, event: Event, pv1: Segment, others: Sequence[Segment], context: Context) -> None:
    """Set the status by the event, or by a discharge time; one that nobody said is there for a new resource only."""
    for element in event.clears:
        _clear(found, element)
    discharged = pv1.peek(45) not in {"", NULL} and "period.end" not in event.clears
    if event.status == "finished":
        _end(found, others, context)
    if discharged and event.status not in CANCELS:
        found.own("status", "finished")
    elif event.encounter is Encounter.SETS:
        found.own("status", event.status)
    else:
        found.body["status"] = "unknown"
    if event.encounter is Encounter.SETS:
        _note_history(found, event, others, context)


def _note_history(found: Resource, event: Event, others: Sequence[Segment], context: Context) -> None:
    """Add since when the visit has the status, and a class that the event changes, to their histories.

    What was before is not in the message; the store has it from the event that set it.
    """
    evn = next((each for each in others if each.name == "EVN"), None)
    since = (context.moment(evn.get(6)) or context.moment(evn.get(2))) if evn is not None else ""
    if not since:
        return
    _add(found, "statusHistory", {"status": found.body["status"], "period": {"start": since}})
    if event.changes_class and "class" in found.owns:
        _add(found, "classHistory", {"class": found.body["class"], "period": {"start": since}})


def _add(found: Resource, element: str, item: Json) -> None:
    found.body.setdefault(element, []).append(item)
    found.adds.add(element)


def _end(found: Resource, others: Sequence[Segment], context: Context) -> None:
    """Set the end of a visit that has none in PV1-45: when it happened, EVN-6, or when it was recorded, EVN-2."""
    if "end" in found.body.get("period", {}):
        return
    for evn in (each for each in others if each.name == "EVN"):
        for number in (6, 2):
            context.at(evn, number)
            value = context.date_time(evn.get(number))
            if value and not is_before(value, found.body.get("period", {}).get("start", "")):
                found.body.setdefault("period", {})["end"] = value
                found.owns.add("period.end")
                return


def _clear(found: Resource, element: str) -> None:
    head, _, last = element.partition(".")
    found.body.get(head, {}).pop(last, None)
    if found.body.get(head) == {}:
        del found.body[head]
    found.owns.discard(element)
    found.clears.add(element)
