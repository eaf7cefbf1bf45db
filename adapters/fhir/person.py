"""The patient of a message, with relatives, allergies and diagnoses."""

from collections.abc import Iterable

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import code as required_code
from adapters.fhir.codes import coding, concept, described
from adapters.fhir.context import Context
from adapters.fhir.identity import each_key, order_number, patient_key
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.relatives import mother, next_of_kin
from adapters.fhir.report import Reason
from adapters.fhir.systems import TERMINOLOGY

CLINICAL = f"{TERMINOLOGY}allergyintolerance-clinical"
VERIFICATION = f"{TERMINOLOGY}allergyintolerance-verification"
CONDITION_CLINICAL = f"{TERMINOLOGY}condition-clinical"
CONDITION_VERIFICATION = f"{TERMINOLOGY}condition-ver-status"
CONDITION_CATEGORY = f"{TERMINOLOGY}condition-category"


def coded(value: str, system: str) -> Json:
    """Return a CodeableConcept with one coding, whose display is the code in words: ``Entered in Error``."""
    return {"coding": [coding(value, system, value.replace("-", " ").title().replace(" In ", " in "))]}


def patient(pid: Segment, others: Iterable[Segment], context: Context) -> Resource | None:
    """Return the patient of *pid*, with what the segments after it say of the person; None without a key."""
    key = patient_key(pid, context)
    if key is None:
        return None
    found = context.bundle.get("Patient", *key)
    context.bundle.alias(key[0], (each for each, _ in each_key(pid.peek(3), context)))
    found.is_stub = False  # the MRG of an earlier group may have named it
    rows.apply("PID-Patient", pid, found, context)
    mother(pid, found, context)
    for segment in others:
        if segment.name == "PD1":
            rows.apply("PD1-Patient", segment, found, context)
        elif segment.name == "NK1":
            next_of_kin(segment, found, context)
        elif segment.name in {"AL1", "IAM"}:
            _allergy(segment, found, context)
    return found


def _allergy(segment: Segment, owner: Resource, context: Context) -> None:
    context.at(segment, 3)
    parts = context.texts(segment.peek(3).split(context.delimiters.repetition)[0])
    what = parts[0] or "".join(parts[1:2])
    if not what or what == NULL:
        context.leave(Reason.NO_KEY)
        return
    found = context.bundle.get("AllergyIntolerance", (*owner.key, what, *parts[2:3]))
    rows.apply(f"{segment.name}-AllergyIntolerance", segment, found, context)
    found.own("patient", owner.reference)
    if segment.name == "IAM" and segment.get(6).startswith("D"):
        found.own("verificationStatus", coded("entered-in-error", VERIFICATION))  # R4 ait-2: no clinicalStatus then
    else:
        found.own("clinicalStatus", coded("active", CLINICAL))  # R4 ait-1
    _reaction(segment, found, context)


def _reaction(segment: Segment, found: Resource, context: Context) -> None:
    """Carry AL1-5 or IAM-5. Severity belongs to a reaction, which R4 does not allow without a manifestation."""
    context.at(segment, 5)
    shown = [concept(each, context) for each in segment.get(5).split(context.delimiters.repetition) if each != NULL]
    manifestations = [each for each in shown if each]
    if not manifestations:
        return
    reaction: Json = {"manifestation": manifestations}
    context.at(segment, 4)
    if segment.peek(4) and (severity := required_code(segment.peek(4), context, "severity")):
        reaction["severity"] = severity
    found.own("reaction", [reaction])


def condition(dg1: Segment, owner: Resource, visit: Resource | None, context: Context) -> Resource | None:
    """Return the diagnosis of *dg1*, and list it in the visit."""
    found = _condition(dg1, owner, visit, context)
    if found is not None and visit is not None:
        _diagnosis(dg1, found, visit, context)
    return found


def reason(dg1: Segment, owner: Resource, visit: Resource | None, context: Context) -> Resource | None:
    """Return the diagnosis that is the reason of an order: the one of the visit if the store has it."""
    found = _condition(dg1, owner, visit, context)
    if found is not None:
        found.only_name()
    return found


def _condition(dg1: Segment, owner: Resource, visit: Resource | None, context: Context) -> Resource | None:
    context.at(dg1, 3)
    parts = context.texts(dg1.peek(3).split(context.delimiters.repetition)[0])
    parts += [""] * (3 - len(parts))
    text = context.delimiters.text(dg1.get(4))
    number = order_number(dg1, 20, context)
    what = number or (parts[0] or parts[1] or text, parts[2], context.delimiters.text(dg1.peek(6)))
    if not what[0] and not number:
        context.leave(Reason.NO_KEY)
        return None
    found = context.bundle.get("Condition", (*owner.key, *(visit.key if visit else ()), *what))
    rows.apply("DG1-Condition", dg1, found, context)
    if text:
        context.at(dg1, 4)
        found.own("code", described(found.body.get("code"), dg1.peek(3), text, context))
    found.own("subject", owner.reference)
    found.own("category", [coded("encounter-diagnosis", CONDITION_CATEGORY)])
    if dg1.get(21) == "D":
        found.own("verificationStatus", coded("entered-in-error", CONDITION_VERIFICATION))  # R4 con-5
    else:
        found.own("clinicalStatus", coded("active", CONDITION_CLINICAL))
    if visit is not None:
        found.own("encounter", visit.reference)
    return found


def _diagnosis(dg1: Segment, found: Resource, visit: Resource, context: Context) -> None:
    made: Json = {"condition": found.reference}
    context.at(dg1, 6)
    if (use := concept(dg1.get(6), context, "diagnosis_type")) is not None:
        made["use"] = use
    rank = dg1.get(15)
    if rank.isascii() and rank.isdigit() and int(rank[:9]) > 0:
        made["rank"] = int(rank[:9])
    listed = visit.body.setdefault("diagnosis", [])
    if all(each["condition"] != found.reference for each in listed):
        listed.append(made)
    visit.owns.add("diagnosis")
