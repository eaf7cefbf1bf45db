"""OBR with ORC: the order (ServiceRequest) and the report (DiagnosticReport)."""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.bundle import Resource, add_items
from adapters.fhir.context import Context
from adapters.fhir.identity import Parts, order_number
from adapters.fhir.notes import annotation
from adapters.fhir.reading import Segment
from adapters.fhir.report import Reason
from adapters.fhir.times import is_before
from adapters.fhir.timing import set_timing

REPORT_STATUSES = {
    **dict.fromkeys("OIS", "registered"),
    **dict.fromkeys("RA", "partial"),
    "P": "preliminary",
    "F": "final",
    "C": "corrected",
    "X": "cancelled",
}
"""HL7 table 0123."""
ORDER_STATUSES = {
    **dict.fromkeys(("A", "IP", "SC"), "active"),
    **dict.fromkeys(("CA", "DC", "RP"), "revoked"),
    "CM": "completed",
    "HD": "on-hold",
}
"""HL7 table 0038, ORC-5."""
CONTROLS = {
    **dict.fromkeys(("NW", "SN", "OK", "AF", "PA", "CH", "RO", "PY"), "active"),
    **dict.fromkeys(("RL", "OE", "OR"), "active"),  # released after it was held
    **dict.fromkeys(("CA", "DC", "OC", "CR", "OD", "DR", "DF"), "revoked"),
    **dict.fromkeys(("RP", "RU", "RQ"), "revoked"),  # the old order, which RO replaces
    **dict.fromkeys(("HD", "OH", "HR"), "on-hold"),
    "FU": "completed",
    "DE": "entered-in-error",
}
"""HL7 table 0119, ORC-1."""
NEW = frozenset({"NW", "SN"})
BY_REPORT = frozenset({"RE", "SC", "XO", "XX", "XR", "PR"})
"""Order controls that say that something changed: OBR-25 says what."""


def as_of(orc: Segment | None, context: Context) -> str:
    """Return when the event of the order happened, ORC-9; a day alone says less than the time of the message."""
    event = context.as_of(orc.peek(9)) if orc is not None else ""
    return event if "T" in event.partition(" ")[0] else context.bundle.as_of or event


def first_text(segment: Segment | None, number: int, context: Context) -> str:
    """Return the first component of a field; empty without the segment."""
    if segment is None:
        return ""
    return context.delimiters.text(segment.get(number).split(context.delimiters.component)[0])


def numbers(orc: Segment | None, obr: Segment | None, owner: Parts, context: Context) -> tuple[Parts | None, ...]:
    """Return the keys of the placer's and of the filler's number; *owner* is the key of the patient."""
    found = []
    for number in (2, 3):
        given = [order_number(each, number, context, owner) for each in (orc, obr) if each is not None]
        found.append(next((each for each in given if each is not None), None))
    return tuple(found)


def service(obr: Segment | None, context: Context) -> tuple[str, ...]:
    """Return what tells several services with one order number apart: the code in OBR-4."""
    parts = context.texts(obr.peek(4)) if obr is not None else []
    return tuple(each for each in (*parts[:1], *parts[2:3]) if each) or tuple(each for each in parts if each)


def request_key(orc: Segment | None, obr: Segment | None, owner: Parts, context: Context) -> Parts | None:
    """Return the key of an order; None if it has no number."""
    placer, filler = numbers(orc, obr, owner, context)
    number = ("placer", *placer) if placer else ("filler", *filler) if filler else None
    return (*number, *service(obr, context)) if number else None


def service_request(
    orc: Segment | None, obr: Segment, owner: Resource, visit: Resource | None, context: Context
) -> Resource | None:
    """Return the order; None if it has no number."""
    key = request_key(orc, obr, owner.key, context)
    if key is None:
        return None
    found = context.bundle.new("ServiceRequest", key)
    fill_request(found, orc, obr, (), context)
    place(found, owner, visit)
    complete(found)
    return found


def complete(request: Resource) -> None:
    """Add what R4 demands: details of an order only beside a code (prr-1)."""
    if "orderDetail" in request.body:
        request.body.setdefault("code", {"text": "unknown"})


def place(found: Resource, owner: Resource, visit: Resource | None) -> None:
    """Say to which patient and visit a resource belongs."""
    found.own("subject", owner.reference)
    if visit is not None:
        found.own("encounter", visit.reference)


def fill_request(
    found: Resource, orc: Segment | None, obr: Segment | None, timings: Sequence[Segment], context: Context
) -> None:
    """Carry what the segments say of an order. Where several say the same, the first one counts."""
    if orc is not None:
        rows.apply("ORC-ServiceRequest", orc, found, context)
        _set_authored(found, orc, context)
    set_timing(found, orc, obr, timings, context)
    if obr is not None:
        rows.apply("OBR-ServiceRequest", obr, found, context)
    found.own("intent", "reflex-order" if first_text(obr, 11, context) == "G" else "order")
    status = order_status(orc, obr, context)
    found.body["status"] = status
    if status != "unknown":
        found.owns.add("status")


def _set_authored(found: Resource, orc: Segment, context: Context) -> None:
    """ORC-9 is the time of the event; that is the time of the order only if the event is a new order."""
    if first_text(orc, 1, context) in NEW:
        context.at(orc, 9)
        if (authored := context.date_time(orc.get(9))) is not None:
            found.own("authoredOn", authored)


def order_status(orc: Segment | None, obr: Segment | None, context: Context) -> str:
    """Return the status of an order: ORC-5, else ORC-1, else by OBR-25 where ORC-1 leaves it to that."""
    sent, control = first_text(orc, 5, context), first_text(orc, 1, context)
    if sent in ORDER_STATUSES:
        return ORDER_STATUSES[sent]
    if orc is not None and sent:
        context.at(orc, 5)
        context.leave(Reason.NOT_IN_TABLE)
    if control in BY_REPORT:
        report = REPORT_STATUSES.get(first_text(obr, 25, context), "")
        return {"final": "completed", "corrected": "completed", "cancelled": "revoked", "": "unknown"}.get(
            report, "active"
        )
    return CONTROLS.get(control, "unknown")


def diagnostic_report(
    orc: Segment | None, obr: Segment, owner: Resource, visit: Resource | None, context: Context
) -> Resource:
    """Return the report of *obr*; without an order number it is identified by the message."""
    placer, filler = numbers(orc, obr, owner.key, context)
    number = ("filler", *filler) if filler else ("placer", *placer) if placer else None
    if number is None:
        context.at(obr, 3)
        context.leave(Reason.KEYED_BY_MESSAGE)
        number = ("message", *context.sender, context.control_id, *owner.key)
    found = context.bundle.new("DiagnosticReport", (*number, *service(obr, context)))
    _set_times(found, obr, context)
    rows.apply("OBR-DiagnosticReport", obr, found, context)
    found.body.setdefault("code", {"text": "unknown"})  # R4: 1..1
    place(found, owner, visit)
    return found


def _set_times(found: Resource, obr: Segment, context: Context) -> None:
    """Set a period if there is an end, OBR-8."""
    context.at(obr, 8)
    if (end := context.date_time(obr.get(8))) is None:
        return
    context.at(obr, 7)
    start = context.date_time(obr.get(7))
    if start and is_before(end, start):
        context.at(obr, 8)
        context.leave(Reason.OUT_OF_ORDER)
        return
    found.body["effectivePeriod"] = {"start": start, "end": end} if start else {"end": end}
    found.owns.add("effective[x]")


def report_status(obr: Segment, results: Sequence[Resource], context: Context) -> str:
    """Return the status of a report: OBR-25, or what its observations have in common."""
    known = REPORT_STATUSES.get(first_text(obr, 25, context))
    if known is not None:
        return known
    found = {each.body["status"] for each in results if each.kind == "Observation"} - {"cancelled"}
    if not found:
        return "unknown"
    if len(found) == 1:
        return str(found.pop())
    for status in ("corrected", "amended"):
        if found == {"final", status}:
            return status
    return "partial" if "final" in found else "preliminary"


def add_notes(found: Resource | None, notes: Sequence[Segment], context: Context) -> None:
    """Carry the comments on an order, after those in its fields."""
    if found is not None and (made := [note for each in notes if (note := annotation(each, context))]):
        add_items(found, "note", made)
