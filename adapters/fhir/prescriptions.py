"""ORC with RXE or RXO: a MedicationRequest."""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.actors import practitioner
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import code
from adapters.fhir.context import Context
from adapters.fhir.dosage import set_dosage
from adapters.fhir.identity import order_number
from adapters.fhir.medications import amount, of, set_medication
from adapters.fhir.notes import annotation
from adapters.fhir.orders import first_text
from adapters.fhir.people import set_requester
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.references import order_reference
from adapters.fhir.report import Reason
from adapters.fhir.rx import Rx
from adapters.fhir.subject import Subject

STATUSES = {
    **dict.fromkeys(("A", "IP", "SC"), "active"),
    "CM": "completed",
    "HD": "on-hold",
    "CA": "cancelled",
    **dict.fromkeys(("DC", "RP"), "stopped"),
}
"""HL7 table 0038, ORC-5."""
CONTROLS = {
    **dict.fromkeys(("NW", "SN", "OK", "AF", "RO", "PY", "PA", "CH", "RE"), "active"),
    **dict.fromkeys(("XO", "XX", "XR", "RL", "OE", "OR", "OF", "FU"), "active"),
    **dict.fromkeys(("CA", "OC", "CR"), "cancelled"),
    **dict.fromkeys(("DC", "OD", "DR", "RP", "RU", "RQ"), "stopped"),
    **dict.fromkeys(("HD", "OH", "HR"), "on-hold"),
    "DE": "entered-in-error",
}
"""HL7 table 0119, ORC-1: of an order that was never carried out, and of one that was, FHIR says the end differently."""
NEW = frozenset({"NW", "SN", "RO"})
AS_NEEDED = "PRN"
"""TQ1-9 of what is given if it is needed, which is no priority."""
REFILL = "RF"
"""ORC-1 of a pharmacy that asks whether it may refill."""
DISPENSED = {"RXE": (10, 13), "RXO": (11, 14)}
"""The fields of the amount to be dispensed, and of the prescriber's number."""


def number_of(orc: Segment | None, subject: Subject, context: Context) -> tuple[str, ...] | None:
    """Return the key of an order: the placer's number, or the filler's."""
    if orc is None:
        return None
    for name, number in (("placer", 2), ("filler", 3)):
        if (given := order_number(orc, number, context, subject.owner.key)) is not None:
            return (name, *given)
    return None


def reference_to(orc: Segment | None, made: Resource | None, context: Context) -> Json | None:
    """Return a reference to an order: to the resource, or by the number in ORC where the message has no more of it."""
    if made is not None:
        return made.reference
    if orc is None:
        return None
    for number, kind in ((2, "PLAC"), (3, "FILL")):
        context.at(orc, number)
        if found := order_reference(orc.get(number), context, kind, "MedicationRequest"):
            return found
    return None


def prescription(group: Rx, ordered: Sequence[Segment], subject: Subject, context: Context) -> Resource | None:
    """Return the order of RXE, or of RXO; None if there is neither. Where both are, RXE encodes what RXO asked for."""
    places = {each.name: number for number, each in reversed(list(enumerate(ordered)))}
    asked, encoded = places.get("RXO"), places.get("RXE")
    place = asked if encoded is None else encoded
    if place is None:
        return None
    what = ordered[place]
    key = number_of(group.orc, subject, context)
    if key is None:
        context.at(what, 1)
        context.leave(Reason.KEYED_BY_MESSAGE)
        key = (*subject.owner.key, "message", *context.sender, context.control_id)
    is_refill = first_text(group.orc, 1, context) == REFILL
    made = context.bundle.new("MedicationRequest", (*key, "refill") if is_refill else key)
    if asked is None or encoded is None or encoded < asked:
        _fill(made, group, what, ordered, subject, context)
    else:
        original = context.bundle.new("MedicationRequest", (*key, "RXO"))
        _fill(original, group, ordered[asked], ordered[:encoded], subject, context)
        _fill(made, group, what, ordered[encoded:], subject, context)
        _be_original(original, made)
    if notes := notes_of(ordered, context):
        made.own("note", [*made.body.get("note", ()), *notes])
    return _proposal(made, key, context) if is_refill else made


def _be_original(original: Resource, made: Resource) -> None:
    """Make an order what the other one encodes; the numbers are those of the other one."""
    original.own("intent", "original-order")
    original.body.pop("identifier", None)
    original.owns.discard("identifier")
    made.own("basedOn", [original.reference])


def _proposal(asked: Resource, key: tuple[str, ...], context: Context) -> Resource:
    """Make a question of a copy of the order, and name the order, whose numbers and status are not the question's."""
    original = context.bundle.get("MedicationRequest", key)
    original.body |= {**asked.body, "intent": "order", "status": "unknown"}
    original.body.pop("basedOn", None)
    original.only_name()
    asked.body.pop("identifier", None)
    asked.owns.discard("identifier")
    asked.own("intent", "proposal")
    asked.own("status", "active")
    asked.own("basedOn", [*asked.body.get("basedOn", ()), original.reference])
    return asked


def only_name(found: Resource, context: Context) -> None:
    """Make an order one that the message is not about, with its medication, and with the one that it encodes."""
    found.only_name()
    if (medication := of(found, context)) is not None:
        medication.only_name()
    for reference in found.body.get("basedOn", ()):
        if (each := context.bundle.find(reference.get("reference", ""))) is not None:
            only_name(each, context)


def _fill(
    found: Resource, group: Rx, what: Segment, ordered: Sequence[Segment], subject: Subject, context: Context
) -> None:
    named = {name: after(ordered, what, name) for name in ("TQ1", "RXR", "RXC")}
    if group.orc is not None:
        rows.apply("ORC-MedicationRequest", group.orc, found, context)
    rows.apply(f"{what.name}-MedicationRequest", what, found, context)
    set_medication(found, what, named["RXC"], context)
    set_dosage(found, what, named["RXR"], named["TQ1"], context)
    _set_dispensing(found, what, context)
    _set_status(found, group.orc, context)
    _set_author(found, group.orc, what, context)
    set_requester(ordered, found, context)
    _set_priority(found, named["TQ1"], context)
    subject.place(found)
    if subject.insurances:
        found.own("insurance", [each.reference for each in subject.insurances])


def after(segments: Sequence[Segment], what: Segment, name: str) -> list[Segment]:
    """Return the segments with a name after *what*, or else those before it: TQ1 may be of ORC or of RXE."""
    place = next(number for number, each in enumerate(segments) if each is what)
    later = [each for each in segments[place:] if each.name == name]
    return later or [each for each in segments[:place] if each.name == name]


def notes_of(segments: Sequence[Segment], context: Context) -> list[Json]:
    """Return the comments that do not belong to an observation."""
    found: list[Json] = []
    before = ""
    for segment in segments:
        if segment.name != "NTE":
            before = segment.name
        elif before != "OBX" and (note := annotation(segment, context)) is not None:
            found.append(note)
    return found


def _set_dispensing(found: Resource, what: Segment, context: Context) -> None:
    number = DISPENSED[what.name][0]
    if what.peek(number) and (quantity := amount(what, number, context)):
        found.body.setdefault("dispenseRequest", {})["quantity"] = quantity
        found.owns.add("dispenseRequest.quantity")


def _set_status(found: Resource, orc: Segment | None, context: Context) -> None:
    """Set the status: ORC-5, or that of ORC-1. One that nobody said is for an order that is new to the store."""
    found.own("intent", "order")
    sent, control = first_text(orc, 5, context), first_text(orc, 1, context)
    status = STATUSES.get(sent) or CONTROLS.get(control)
    if status is not None:
        found.own("status", status)
    else:
        found.body["status"] = "unknown"  # R4: 1..1


def _set_author(found: Resource, orc: Segment | None, what: Segment, context: Context) -> None:
    """Set who ordered, ORC-12 or the prescriber's number, and when: ORC-9 is the time of a new order only."""
    if orc is not None and first_text(orc, 1, context) in NEW and "authoredOn" not in found.body:
        context.at(orc, 9)
        if (when := context.date_time(orc.get(9))) is not None:
            found.own("authoredOn", when)
    number = DISPENSED[what.name][1]
    if "requester" not in found.body and what.peek(number) not in {"", NULL}:
        context.at(what, number)
        if who := practitioner(what.get(number).split(context.delimiters.repetition)[0], context):
            found.own("requester", who)


def _set_priority(found: Resource, timings: Sequence[Segment], context: Context) -> None:
    for tq1 in timings[:1]:
        context.at(tq1, 9)
        sent = tq1.get(9).split(context.delimiters.repetition)[0]
        if first_text(tq1, 9, context) == AS_NEEDED or sent in {"", NULL}:
            continue
        if priority := code(sent, context, "priority"):
            found.own("priority", priority)
