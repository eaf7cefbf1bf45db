"""RXD and RXA: what was dispensed, and what was given."""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import concept
from adapters.fhir.context import Context
from adapters.fhir.dosage import set_route
from adapters.fhir.medications import FIELDS, amount, set_medication
from adapters.fhir.orders import first_text
from adapters.fhir.people import add_performers
from adapters.fhir.prescriptions import notes_of, number_of, reference_to
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.references import order_reference
from adapters.fhir.report import Reason
from adapters.fhir.rx import Rx, ordered_of
from adapters.fhir.subject import Subject
from adapters.fhir.tables import HL7_EXTENSIONS
from adapters.fhir.times import is_before

ABSENT: Json = {"extension": [{"url": f"{HL7_EXTENSIONS}data-absent-reason", "valueCode": "unknown"}]}
UNKNOWN_AMOUNT = "999"
GIVERS, DISPENSERS = frozenset({"AP", "OP"}), frozenset({"DP"})
"""Roles of those who take part (table 0912, before HL7 2.8 table 0443)."""
NOT_GIVEN = frozenset({"RE", "NA"})
SUBSTITUTED = {**dict.fromkeys(("G", "T"), True), **dict.fromkeys(("N", "1", "7"), False)}
"""HL7 table 0167: what says for certain whether another product was dispensed."""
ENDED = {
    **dict.fromkeys(("CA", "OC", "CR"), "cancelled"),
    **dict.fromkeys(("DC", "OD", "DR"), "stopped"),
    "DE": "entered-in-error",
}
"""ORC-1 of a message that undoes what was dispensed (table 0119)."""


def dispense(
    group: Rx, rxd: Segment, rest: Sequence[Segment], request: Resource | None, subject: Subject, context: Context
) -> None:
    """Convert what was dispensed, and the segments after it."""
    rxd.get(1)
    number = number_of(group.orc, subject, context) or _prescription_number(rxd, subject, context)
    made = _made("MedicationDispense", rxd, number, (1,), subject, context)
    if made is None:
        return
    rows.apply("RXD-MedicationDispense", rxd, made, context)
    set_medication(made, rxd, [each for each in rest if each.name == "RXC"], context)
    set_route(made, [each for each in rest if each.name == "RXR"], context)
    subject.place(made, encounter="context")
    made.own("status", ENDED.get(first_text(group.orc, 1, context), "completed"))
    if rxd.peek(4) and (quantity := amount(rxd, 4, context)):
        made.own("quantity", quantity)
    _set_substitution(made, rxd, context)
    _set_prescription(made, rxd, reference_to(group.orc, request, context), request, context)
    add_performers(rest, DISPENSERS, made, context)
    _finish(made, rest, subject, context)


def administration(
    group: Rx, rxa: Segment, rest: Sequence[Segment], request: Resource | None, subject: Subject, context: Context
) -> None:
    """Convert what was given, or was not, and the segments after it."""
    rxa.read |= {1, 2}
    made = _made("MedicationAdministration", rxa, number_of(group.orc, subject, context), (1, 2), subject, context)
    if made is None:
        return
    rows.apply("RXA-MedicationAdministration", rxa, made, context)
    if group.orc is not None:
        rows.apply("ORC-MedicationAdministration", group.orc, made, context)
    set_medication(made, rxa, [each for each in rest if each.name == "RXC"], context)
    set_route(made, [each for each in rest if each.name == "RXR"], context)
    subject.place(made, encounter="context")
    _set_time(made, rxa, context)
    _set_status(made, rxa, context)
    _set_dose(made, rxa, context)
    add_performers([*ordered_of(group), *rest], GIVERS, made, context)
    if (reference := reference_to(group.orc, request, context)) is not None:
        made.own("request", reference)
    _finish(made, rest, subject, context)


def _made(
    kind: str, segment: Segment, number: tuple[str, ...] | None, counters: tuple[int, ...], subject: Subject,
    context: Context,
) -> Resource | None:  # fmt: skip
    """Return the resource. Its key is the order's number, the counters, what it is and when; or the patient's."""
    field = FIELDS[segment.name].code
    context.at(segment, field)
    parts = context.texts(segment.peek(field).split(context.delimiters.repetition)[0])
    what = next((each for each in parts if each and each != NULL), "")
    when = context.moment(segment.peek(3))
    counted = tuple(context.delimiters.text(segment.peek(each)) for each in counters)
    if number is not None:
        return context.bundle.new(kind, (*number, *counted, what, when))
    if not what or not when:
        context.leave(Reason.NO_KEY)
        return None
    context.leave(Reason.KEYED_BY_START)
    return context.bundle.new(kind, (*subject.key, *counted, what, when))


def _prescription_number(rxd: Segment, subject: Subject, context: Context) -> tuple[str, ...] | None:
    """Return RXD-7, which stands for the filler's number where there is no ORC."""
    text = context.delimiters.text(rxd.get(7).split(context.delimiters.component)[0])
    return ("RXD-7", *subject.owner.key, *context.sender, text) if text else None


def _set_prescription(
    made: Resource, rxd: Segment, authorized: Json | None, request: Resource | None, context: Context
) -> None:
    """Refer to the order, or to the prescription by its number, RXD-7."""
    number = {"value": first_text(rxd, 7, context)}
    if authorized is None:
        authorized = order_reference(rxd.peek(7), context, "", "MedicationRequest")
    elif request is None or number not in request.body.get("identifier", ()):
        rxd.read.discard(7)
    if authorized is not None:
        made.own("authorizingPrescription", [authorized])


def _set_substitution(made: Resource, rxd: Segment, context: Context) -> None:
    """Set whether another product was dispensed; R4 wants to know that (1..1), and not every code says it."""
    sent = first_text(rxd, 11, context)
    context.at(rxd, 11)
    if sent not in SUBSTITUTED:
        if sent:
            context.leave(Reason.NO_ELEMENT)
        return
    made.own(
        "substitution",
        {"wasSubstituted": SUBSTITUTED[sent], "type": concept(rxd.get(11), context, "substitution_status")},
    )


def _set_time(made: Resource, rxa: Segment, context: Context) -> None:
    """Set when it was given: a period if it ended at another time."""
    times: list[str] = []
    for number in (3, 4):
        context.at(rxa, number)
        raw = rxa.get(number)
        times.append((raw != NULL and context.date_time(raw)) or "")
    start, end = times
    if start and end and is_before(end, start):  # R4 per-1
        context.leave(Reason.OUT_OF_ORDER)
        end = ""
    if end and end != start:
        made.body["effectivePeriod"] = {"start": start, "end": end} if start else {"end": end}
    elif start:
        made.body["effectiveDateTime"] = start
    else:
        made.body["effectivePeriod"] = ABSENT  # R4: 1..1
    if start or end:
        made.owns.add("effective[x]")


def _set_status(made: Resource, rxa: Segment, context: Context) -> None:
    completion = first_text(rxa, 20, context)
    refused = rxa.peek(18) not in {"", NULL}
    if first_text(rxa, 21, context) == "D":
        made.own("status", "entered-in-error")
    elif completion in NOT_GIVEN or refused:
        made.own("status", "not-done")
    else:
        made.own("status", "completed")
    context.at(rxa, 20)
    if completion not in {"", "CP", "PA", *NOT_GIVEN}:
        context.leave(Reason.NOT_IN_TABLE)


def _set_dose(made: Resource, rxa: Segment, context: Context) -> None:
    """Set the dose. R4 wants one beside route and site (mad-1): it is absent with a reason where it is not known."""
    if context.delimiters.text(rxa.peek(6)) == UNKNOWN_AMOUNT:
        rxa.read |= {6, 7}
        dose = None
    else:
        dose = amount(rxa, 6, context) if rxa.peek(6) else None
    if dose is not None:
        made.body.setdefault("dosage", {})["dose"] = dose
        made.owns.add("dosage.dose")
    elif "dosage" in made.body:
        made.body["dosage"]["dose"] = ABSENT


def _finish(made: Resource, rest: Sequence[Segment], subject: Subject, context: Context) -> None:
    if notes := notes_of(rest, context):
        made.own("note", [*made.body.get("note", ()), *notes])
    if seen := subject.observe(rest, made.key, context):
        made.own("supportingInformation", [each.reference for each in seen])
