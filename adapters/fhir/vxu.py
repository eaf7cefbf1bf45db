"""VXU: vaccinations, with the observations that belong in them or to them."""

from collections.abc import Sequence
from typing import Any

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import coding, concept
from adapters.fhir.context import Context
from adapters.fhir.identity import order_number
from adapters.fhir.medications import amount as quantity
from adapters.fhir.orders import first_text
from adapters.fhir.people import add_performers
from adapters.fhir.reading import NULL, Hl7Message, Segment
from adapters.fhir.report import Reason
from adapters.fhir.rx import Rx, ordered_of, parts, rx_groups
from adapters.fhir.subject import Subject, subjects
from adapters.fhir.systems import TERMINOLOGY
from gateway.contract.outcome import Refused

CVX = "http://hl7.org/fhir/sid/cvx"
NO_VACCINE = "998"
"""The CVX code of RXA-5 where there is no vaccination, and only the observations count."""
NO_NUMBER = "9999"
"""What senders write in ORC-3 where they have no number (CDC's guide for VXU)."""
UNKNOWN_AMOUNT = "999"
GIVERS = frozenset({"AP", "OP"})
"""Roles of those who take part (table 0912, before HL7 2.8 table 0443)."""
NOT_GIVEN = frozenset({"RE", "NA"})
PARTIAL = {"coding": [coding("partialdose", f"{TERMINOLOGY}immunization-subpotent-reason", "Partial Dose")]}
ELIGIBILITY, FUNDING, REACTION = "64994-7", "30963-3", "31044-1"
ABOUT = frozenset({"Patient", "RelatedPerson", "Coverage"})
DOCUMENTS = {
    **dict.fromkeys(("30956-7", "69764-9"), "documentType"),
    "29768-9": "publicationDate",
    "29769-7": "presentationDate",
}
"""LOINC codes of what was handed out; OBX-4 tells several documents apart."""


def convert_vxu(message: Hl7Message, context: Context) -> Refused | None:
    """Convert vaccinations into the bundle of *context*. The message brings the patient's data to a registry too."""
    found = subjects(message, context, ABOUT)
    if isinstance(found, Refused):
        return found
    for subject in found:
        before, groups = rx_groups(subject.group.others)
        subject.observe(before, subject.key, context)
        for group in groups:
            for rxa, rest in parts(group.others, "RXA"):
                _convert(group, rxa, rest, subject, context)
    return None


def _convert(group: Rx, rxa: Segment, rest: Sequence[Segment], subject: Subject, context: Context) -> None:
    context.at(rxa, 5)
    what = vaccine(rxa, context)
    if what == (NO_VACCINE, CVX):
        rxa.read.update(range(len(rxa.fields)))
        subject.observe(rest, (*subject.owner.key, NO_VACCINE), context)
        return
    key = _key(group.orc, rxa, what, subject, context)
    if key is None:
        context.leave(Reason.NO_KEY)
        return
    made = context.bundle.new("Immunization", key)
    rows.apply("RXA-Immunization", rxa, made, context)
    if group.orc is not None:
        rows.apply("ORC-Immunization", group.orc, made, context)
    for rxr in (each for each in rest if each.name == "RXR"):
        rows.apply("RXR-Immunization", rxr, made, context)
    subject.place(made, "patient")
    made.body.setdefault("vaccineCode", {"text": "unknown"})  # R4: 1..1
    if "occurrenceDateTime" not in made.body:
        made.body["occurrenceString"] = "unknown"  # R4: 1..1
    _set_status(made, rxa, context)
    _set_dose(made, rxa, context)
    _set_source(made, rxa, context)
    add_performers([*ordered_of(group), *rest], GIVERS, made, context)
    _observe(made, rest, subject, context)


def vaccine(rxa: Segment, context: Context) -> tuple[str, str]:
    """Return the code of RXA-5 and its system, or its text; CVX if no system is named."""
    sent = context.texts(rxa.peek(5).split(context.delimiters.repetition)[0])
    sent += [""] * (6 - len(sent))
    for code, name in ((sent[0], sent[2]), (sent[3], sent[5])):
        if code and code != NULL:
            return code, context.options.systems.named(name) if name else CVX
    return sent[1] or sent[4], ""


def _key(
    orc: Segment | None, rxa: Segment, what: tuple[str, str], subject: Subject, context: Context
) -> tuple[str, ...] | None:
    """Return the key of a vaccination: the filler's number, the placer's, or patient, vaccine and day."""
    for name, number in (("filler", 3), ("placer", 2)):
        given = order_number(orc, number, context, subject.owner.key) if orc is not None else None
        if given is not None and given[-1] != NO_NUMBER:
            return (name, *given)
    day = context.moment(rxa.peek(3))[:10]
    if not what[0] or not day:
        return None
    context.leave(Reason.KEYED_BY_START)
    return (*subject.owner.key, *what, day)


def _set_status(made: Resource, rxa: Segment, context: Context) -> None:
    """Set the status. A reason of a refusal, RXA-18, says that nothing was given, whatever RXA-20 says."""
    completion = first_text(rxa, 20, context)
    refused = rxa.peek(18) not in {"", NULL}
    if first_text(rxa, 21, context) == "D":
        made.own("status", "entered-in-error")
    elif completion in NOT_GIVEN or refused:
        made.own("status", "not-done")
    else:
        made.own("status", "completed")
    if completion == "PA" and not refused:
        made.own("isSubpotent", True)
        made.own("subpotentReason", [PARTIAL])
    context.at(rxa, 20)
    if completion not in {"", "CP", "PA", *NOT_GIVEN}:
        context.leave(Reason.NOT_IN_TABLE)


def _set_dose(made: Resource, rxa: Segment, context: Context) -> None:
    context.at(rxa, 6)
    raw = rxa.get(6)
    amount = context.delimiters.text(raw)
    if raw == NULL:
        made.clears.add("doseQuantity")
    if not amount or amount == UNKNOWN_AMOUNT:
        rxa.get(7)
        return
    if (found := quantity(rxa, 6, context)) is not None:
        made.own("doseQuantity", found)


def _set_source(made: Resource, rxa: Segment, context: Context) -> None:
    """Carry RXA-9: who says that the vaccination was given (codes of NIP001), and notes, which have no code."""
    notes: list[Json] = []
    for number, raw in enumerate(rxa.get(9).split(context.delimiters.repetition), 1):
        context.at(rxa, 9, number)
        parts = context.texts(raw)
        if parts[0] == "00":
            made.own("primarySource", True)
            made.clears.add("reportOrigin")
        elif parts[0] and (origin := concept(raw, context)) is not None:
            made.own("primarySource", False)
            made.own("reportOrigin", origin)
        elif text := " ".join(each for each in parts if each):
            notes.append({"text": text})
    if notes:
        made.own("note", notes)


def _observe(made: Resource, rest: Sequence[Segment], subject: Subject, context: Context) -> None:
    """Carry the observations: some are elements of the vaccination, the others belong to it."""
    documents: dict[str, Json] = {}
    left: list[Segment] = []
    for segment in rest:
        code = first_text(segment, 3, context) if segment.name == "OBX" else ""
        if code == ELIGIBILITY:
            _add_concept(made, "programEligibility", segment, context)
        elif code == FUNDING:
            _add_concept(made, "fundingSource", segment, context)
        elif code in DOCUMENTS:
            _add_document(documents, DOCUMENTS[code], segment, context)
        else:
            left.append(segment)
    if listed := [each for each in documents.values() if "documentType" in each]:  # R4 imm-1
        made.own("education", listed)
    for each in subject.observe(left, made.key, context):
        _belong(each, made)


def _belong(found: Resource, made: Resource) -> None:
    if found.kind != "Observation":
        return
    found.own("partOf", [made.reference])
    if any(each.get("code") == REACTION for each in found.body["code"].get("coding", ())):
        reaction: Json = {"detail": found.reference}
        if when := found.body.get("effectiveDateTime"):
            reaction["date"] = when
        made.body.setdefault("reaction", []).append(reaction)
        made.owns.add("reaction")


def _value(obx: Segment, context: Context) -> str:
    """Return OBX-5 as sent, with what is said there marked as read."""
    obx.read |= {1, 2, 3, 4, 5, 11}
    context.at(obx, 5)
    return obx.peek(5).split(context.delimiters.repetition)[0]


def _add_concept(made: Resource, element: str, obx: Segment, context: Context) -> None:
    found: Any = concept(_value(obx, context), context)
    if found is not None and element == "programEligibility":
        made.body.setdefault(element, []).append(found)
        made.owns.add(element)
    elif found is not None:
        made.own(element, found)


def _add_document(documents: dict[str, Json], element: str, obx: Segment, context: Context) -> None:
    raw = _value(obx, context)
    document = documents.setdefault(context.delimiters.text(obx.peek(4)), {})
    if element == "documentType":
        sent = [*context.texts(raw), ""]
        found: str | None = sent[1] or sent[0]
    else:
        found = context.date_time(raw)
    if found:
        document[element] = found
