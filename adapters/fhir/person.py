"""The patient of a message, with relatives, allergies and diagnoses."""

from collections.abc import Iterable, Set

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import code as required_code
from adapters.fhir.codes import coding, concept, described
from adapters.fhir.context import Context
from adapters.fhir.identity import Parts, each_key, order_number, patient_key
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.relatives import mother, next_of_kin
from adapters.fhir.report import Reason
from adapters.fhir.systems import TERMINOLOGY

CLINICAL = f"{TERMINOLOGY}allergyintolerance-clinical"
VERIFICATION = f"{TERMINOLOGY}allergyintolerance-verification"
CONDITION_CLINICAL = f"{TERMINOLOGY}condition-clinical"
CONDITION_VERIFICATION = f"{TERMINOLOGY}condition-ver-status"
CONDITION_CATEGORY = f"{TERMINOLOGY}condition-category"

ALLERGY_STATUSES = {
    **dict.fromkeys(("U", "P", "S", "D"), ("unconfirmed", "active")),
    "C": ("confirmed", "active"),
    "I": ("confirmed", "inactive"),
    "E": ("entered-in-error", ""),
}
"""HL7 table 0438, IAM-17: verification and clinical status. Pending, suspect and doubtful is unconfirmed."""


def coded(value: str, system: str) -> Json:
    """Return a CodeableConcept with one coding, whose display is the code in words: ``Entered in Error``."""
    return {"coding": [coding(value, system, value.replace("-", " ").title().replace(" In ", " in "))]}


def patient(
    pid: Segment, others: Iterable[Segment], context: Context, moved: Set[Parts] = frozenset()
) -> Resource | None:
    """Return the patient of *pid*, with what the segments after it say of the person; None without a key.

    *moved* are the keys of numbers that the message gives to the patient.
    """
    key = patient_key(pid, context, moved)
    if key is None:
        return None
    if key[1] is None:
        context.at(pid, 3)
        context.leave(Reason.KEYED_BY_SENDER)
    found = context.bundle.get("Patient", *key)
    context.bundle.alias(key[0], (each for _, (each, _) in each_key(pid.peek(3), context)))
    found.is_stub = False  # the MRG of an earlier group may have named it
    rows.apply("PID-Patient", pid, found, context)
    mother(pid, found, context)
    listed = list(others)
    for segment in (each for each in listed if each.name == "IAM"):
        _known_allergy(segment, found, context)  # before AL1 names the same allergy without its number
    for segment in listed:
        if segment.name == "PD1":
            rows.apply("PD1-Patient", segment, found, context)
        elif segment.name == "NK1":
            next_of_kin(segment, found, context)
        elif segment.name in {"AL1", "IAM"}:
            _allergy(segment, found, context)
    return found


def _allergy(segment: Segment, owner: Resource, context: Context) -> None:
    found = _known_allergy(segment, owner, context)
    if found is None:
        context.leave(Reason.NO_KEY)
        return
    if is_erroneous(found):  # D and then A of one thing: the last action counts
        found.begin_anew()
    rows.apply(f"{segment.name}-AllergyIntolerance", segment, found, context)
    found.own("patient", owner.reference)
    _set_statuses(segment, found, context)
    _reaction(segment, found, context)


def _known_allergy(segment: Segment, owner: Resource, context: Context) -> Resource | None:
    """Return the allergy with the number in IAM-7, else to that substance; None if there is neither.

    AL1 has no number: it is about the allergy of an IAM in the message if that names the same substance.
    """
    number = order_number(segment, 7, context, ()) if segment.name == "IAM" else None
    context.at(segment, 3)
    parts = context.texts(segment.peek(3).split(context.delimiters.repetition)[0])
    what = parts[0] or "".join(parts[1:2])
    substance = (what, *parts[2:3]) if what and what != NULL else ()
    if number is None and not substance:
        return None
    by_substance = ("allergy", owner.url, "\0".join(substance))
    if number is None and by_substance in context.known:
        known: Resource = context.known[by_substance]
        return known
    key = ("IAM-7", *number) if number is not None else substance
    found = context.bundle.get("AllergyIntolerance", (*owner.key, *key))
    if substance:
        context.known.setdefault(by_substance, found)
    return found


def is_erroneous(found: Resource) -> bool:
    """Whether the message deletes an allergy or a diagnosis."""
    codings = found.body.get("verificationStatus", {}).get("coding", ())
    return any(each["code"] == "entered-in-error" for each in codings)


def _set_statuses(segment: Segment, found: Resource, context: Context) -> None:
    """Set both statuses, or one: R4 demands the clinical one (ait-1), but not of what is an error (ait-2)."""
    is_iam = segment.name == "IAM"
    verification, clinical = _statuses(segment, context) if is_iam else ("", "active")
    if is_iam and segment.get(6).startswith("D"):
        verification, clinical = "entered-in-error", ""
    for element, value, system in (
        ("verificationStatus", verification, VERIFICATION),
        ("clinicalStatus", clinical, CLINICAL),
    ):
        if value:
            found.own(element, coded(value, system))
        elif element not in found.body or verification == "entered-in-error":
            found.clear(element)


def _statuses(iam: Segment, context: Context) -> tuple[str, str]:
    """Return what IAM-17 says: whether the allergy is verified, and whether it is active."""
    context.at(iam, 17)
    raw = iam.get(17)
    sent = context.texts(raw)[0] if raw != NULL else ""
    if sent and sent not in ALLERGY_STATUSES:
        context.leave(Reason.NOT_IN_TABLE)
    return ALLERGY_STATUSES.get(sent, ("", "active"))


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
    return None if found is None or is_erroneous(found) else found


def _condition(dg1: Segment, owner: Resource, visit: Resource | None, context: Context) -> Resource | None:
    context.at(dg1, 3)
    parts = context.texts(dg1.peek(3).split(context.delimiters.repetition)[0])
    parts += [""] * (3 - len(parts))
    text = context.delimiters.text(dg1.get(4))
    number = order_number(dg1, 20, context, ())
    what = number or (parts[0] or parts[1] or text, parts[2], context.delimiters.text(dg1.peek(6)))
    if not what[0] and not number:
        context.leave(Reason.NO_KEY)
        return None
    found = context.bundle.get("Condition", (*owner.key, *(visit.key if visit else ()), *what))
    if is_erroneous(found):
        found.begin_anew()
    rows.apply("DG1-Condition", dg1, found, context)
    if text:
        context.at(dg1, 4)
        found.own("code", described(found.body.get("code"), dg1.peek(3), text, context))
    found.own("subject", owner.reference)
    found.own("category", [coded("encounter-diagnosis", CONDITION_CATEGORY)])
    if dg1.get(21) == "D":
        found.own("verificationStatus", coded("entered-in-error", CONDITION_VERIFICATION))
        found.clear("clinicalStatus")  # R4 con-5
    else:
        found.own("clinicalStatus", coded("active", CONDITION_CLINICAL))
        found.clear("verificationStatus")
    if visit is not None:
        found.own("encounter", visit.reference)
    return found


def _diagnosis(dg1: Segment, found: Resource, visit: Resource, context: Context) -> None:
    """List a diagnosis in the visit. With an action (DG1-21) it is one of the visit's, without one they are all."""
    listed = [each for each in visit.body.get("diagnosis", ()) if each["condition"] != found.reference]
    if is_erroneous(found):
        _list(visit, listed)
        return
    made: Json = {"condition": found.reference}
    context.at(dg1, 6)
    if (use := concept(dg1.get(6), context, "diagnosis_type")) is not None:
        made["use"] = use
    rank = dg1.get(15)
    if rank.isascii() and rank.isdigit() and int(rank[:9]) > 0:
        made["rank"] = int(rank[:9])
    _list(visit, [*listed, made])
    if dg1.peek(21) not in {"", NULL}:
        visit.adds.add("diagnosis")
        visit.owns.discard("diagnosis")
    elif "diagnosis" not in visit.adds:
        visit.owns.add("diagnosis")


def _list(visit: Resource, listed: list[Json]) -> None:
    if listed:
        visit.body["diagnosis"] = listed
    elif visit.body.pop("diagnosis", None):
        visit.adds.discard("diagnosis")
        visit.owns.discard("diagnosis")
