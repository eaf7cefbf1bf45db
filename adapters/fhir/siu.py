"""SIU: an appointment with its patients, people, places and things.

The message is the whole appointment, except S18, which adds to it: what it does not name takes no part any more.
"""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.booking import Booking, booking, duration_of
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import code, concept
from adapters.fhir.context import Context
from adapters.fhir.identity import Parts, order_number
from adapters.fhir.notes import annotation
from adapters.fhir.reading import NULL, Hl7Message, Segment
from adapters.fhir.references import order_reference
from adapters.fhir.subject import Subject, subjects
from adapters.fhir.times import later
from gateway.contract.outcome import Refused

EVENTS = {
    **dict.fromkeys(("S12", "S13", "S14"), "booked"),
    **dict.fromkeys(("S15", "S16"), "cancelled"),
    "S17": "entered-in-error",
    **dict.fromkeys(("S18", "S19", "S20", "S21", "S22"), ""),
    "S26": "noshow",
}
"""The events that are converted, and the status that each sets; S23 and S24 are about times without an appointment."""
ENDS = frozenset({"cancelled", "entered-in-error", "noshow"})
AHEAD = frozenset({"proposed", "pending", "booked", "waitlist"})
UNCERTAIN = frozenset({"proposed", "pending", "waitlist"})
ADDS = "S18"
DELETED = "D"
"""What AIG-2 and the like say of somebody who takes no part any more (table 0206)."""
DURATIONS = {"AIG": 11, "AIL": 9, "AIP": 9}
"""The segments of participants, and the fields of their durations; the units are in the field after it."""
NO_APPOINTMENT = Refused("The message has no appointment number in SCH-1 or SCH-2", code="101")


def convert_siu(message: Hl7Message, context: Context) -> Refused | None:
    """Convert an appointment into the bundle of *context*."""
    found = subjects(message, context)
    if isinstance(found, Refused):
        return found
    sch = next((each for each in message.segments if each.name == "SCH"), None)
    key = _key(sch, found[0].owner.key, context) if sch is not None else None
    if sch is None or key is None:
        return NO_APPOINTMENT
    made = context.bundle.get("Appointment", key)
    rows.apply("SCH-Appointment", sch, made, context)
    _set_status(made, sch, context)
    _set_reason(made, sch, context)
    _set_orders(made, sch, context)
    booked = booking(sch, message.segments, context)
    booked.write(made)
    for segment in message.segments:
        if segment.name == "AIS":
            rows.apply("AIS-Appointment", segment, made, context)
            if segment.peek(4) == booked.sent:
                segment.get(4)
    _set_comment(made, message.segments, context)
    _set_participants(made, message.segments, found, booked, context)
    for subject in found:
        _place(subject, made, context)
    return None


def _key(sch: Segment, owner: Parts, context: Context) -> tuple[str, ...] | None:
    """Return the key of an appointment: the filler's number, or the placer's, and which one of a series it is."""
    occurrence = [each for each in (context.delimiters.text(sch.get(3)),) if each]
    for name, number in (("filler", 2), ("placer", 1)):
        if (given := order_number(sch, number, context, owner)) is not None:
            return (name, *given, *occurrence)
    return None


def _set_status(made: Resource, sch: Segment, context: Context) -> None:
    """Set the status: SCH-25, or that of the event. A status of what is ahead does not undo a cancellation."""
    context.at(sch, 25)
    raw = sch.get(25)
    sent = code(raw, context, "appointment_status") if raw != NULL else None
    status = EVENTS[context.event]
    if sent is not None and not (status in ENDS and sent in AHEAD):
        status = sent
    if status:
        made.own("status", status)
    else:
        made.body["status"] = "booked"  # R4: 1..1; nobody said it, so it is for an appointment that is new to the store


def _set_reason(made: Resource, sch: Segment, context: Context) -> None:
    """Carry SCH-6, why the event happened: R4 has an element for that in a cancelled appointment only (app-4)."""
    context.at(sch, 6)
    if made.body["status"] == "cancelled" and (reason := concept(sch.get(6), context)) is not None:
        made.own("cancelationReason", reason)
    elif made.body["status"] != "cancelled":
        made.clears.add("cancelationReason")


def _set_orders(made: Resource, sch: Segment, context: Context) -> None:
    """Carry the placer's numbers of the orders, or the filler's: both would be two references to one order."""
    for number, kind in ((26, "PLAC"), (27, "FILL")):
        context.at(sch, number)
        given = [order_reference(each, context, kind) for each in sch.get(number).split(context.delimiters.repetition)]
        if orders := [each for each in given if each is not None]:
            made.own("basedOn", orders)
            return


def _set_comment(made: Resource, segments: Sequence[Segment], context: Context) -> None:
    """Carry the comments on the appointment and on what belongs to it; those on observations stay there."""
    texts: list[str] = []
    before = ""
    for segment in segments:
        if segment.name != "NTE":
            before = segment.name
        elif before != "OBX" and (note := annotation(segment, context)) is not None:
            texts.append(note["text"])
    if texts:
        made.own("comment", "\n".join(texts))


def _set_participants(
    made: Resource, segments: Sequence[Segment], found: Sequence[Subject], booked: Booking, context: Context
) -> None:
    usual = "needs-action" if made.body["status"] in UNCERTAIN else "accepted"
    period: Json = {"period": booked.period} if booked.period else {}
    listed: list[Json] = [{"actor": each.owner.reference, **period} for each in found]
    listed += made.body.get("participant", ())
    listed += [each for segment in segments if segment.name in DURATIONS if (each := _participant(segment, context))]
    everybody = [{**each, "status": each.get("status", usual)} for each in listed]
    made.body["participant"] = [each for number, each in enumerate(everybody) if each not in everybody[:number]]
    made.owns.discard("participant")
    (made.adds if context.event == ADDS else made.owns).add("participant")


def _participant(segment: Segment, context: Context) -> Json:
    """Return the person, the place or the thing of a segment; nothing if it takes no part any more."""
    if segment.peek(2) == DELETED:
        segment.read.update(range(len(segment.fields)))
        return {}
    body: Json = {}
    rows.fill(f"{segment.name}-Participant", segment, body, context)
    if not body.keys() & {"actor", "type"}:  # R4 app-1
        return {}
    number = DURATIONS[segment.name]
    context.at(segment, number)
    length = duration_of(segment.get(number), segment.get(number + 1), context)
    start = body.get("period", {}).get("start", "")
    if length and (end := later(start, length)):
        body["period"]["end"] = end
    return body


def _place(subject: Subject, made: Resource, context: Context) -> None:
    """Link what else is said of a patient. In R4 the visit names its appointment, and not the other way round."""
    if subject.conditions:
        made.body.setdefault("reasonReference", []).extend(each.reference for each in subject.conditions)
        made.owns.add("reasonReference")
    if subject.visit is not None:
        subject.visit.body["appointment"] = [made.reference]
        subject.visit.adds.add("appointment")
    subject.observe(subject.group.others, (*made.key, *subject.owner.key), context)
