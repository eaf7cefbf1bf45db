"""The account of a patient (PID-18), and who pays it (GT1)."""

from adapters.fhir import rows
from adapters.fhir.actors import organization
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import counterpart
from adapters.fhir.context import Context
from adapters.fhir.identity import number_key
from adapters.fhir.reading import Segment
from adapters.fhir.relatives import named, related_person
from adapters.fhir.report import Reason


def account(pid: Segment, owner: Resource, visit: Resource | None, context: Context) -> Resource | None:
    """Return the account of PID-18, and name it in the visit; None without a number."""
    context.at(pid, 18)
    key = number_key(pid.peek(18).split(context.delimiters.repetition)[0], context, owner.key)
    if key is None:
        return None
    found = context.bundle.get("Account", *key)
    rows.apply("PID-Account", pid, found, context)
    # HL7's map says active. The message does not own it: a later update does not open an account that a merge closed.
    found.body.setdefault("status", "active")
    subjects = found.body.setdefault("subject", [])  # an account may be that of a family
    if owner.reference not in subjects:
        subjects.append(owner.reference)
    found.adds.add("subject")
    if visit is not None:
        visit.own("account", [found.reference])
    return found


def is_self(segment: Segment, number: int, context: Context) -> bool:
    """Return whether a relationship to the patient says that it is the patient."""
    parts = context.texts(segment.peek(number).split(context.delimiters.repetition)[0])
    parts += [""] * (3 - len(parts))
    known = counterpart(parts[0], parts[2], context, "beneficiary_relationship")
    return known is not None and known.code == "self"


def guarantor(gt1: Segment, owner: Resource, found: Resource | None, context: Context) -> None:
    """Add the guarantor to the account. Without an account there is the person only, if it has a number."""
    gt1.get(1)
    party = _party(gt1, owner, context)
    context.at(gt1, 1)
    if party is None or found is None:
        context.leave(Reason.NO_KEY)
        return
    made: Json = {"party": party}
    rows.fill("GT1-Guarantor", gt1, made, context)
    found.append("guarantor", made)
    found.owns.add("guarantor")


def _party(gt1: Segment, owner: Resource, context: Context) -> Json | None:
    if is_self(gt1, 11, context):
        gt1.get(11)
        return owner.reference
    person = related_person("GT1-RelatedPerson", gt1, 2, owner, context)
    if person is not None:
        return person.reference
    if gt1.peek(3):
        return named(gt1, 3, context)
    context.at(gt1, 21)
    return organization(gt1.get(21).split(context.delimiters.repetition)[0], context)
