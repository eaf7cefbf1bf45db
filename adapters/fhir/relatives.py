"""Persons around a patient: a resource where they have a number, otherwise a contact of the patient, or a name."""

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import coding
from adapters.fhir.context import Context
from adapters.fhir.identity import number_key
from adapters.fhir.names import human_name
from adapters.fhir.reading import Segment
from adapters.fhir.report import Reason
from adapters.fhir.systems import TERMINOLOGY

MOTHER = {"coding": [coding("MTH", f"{TERMINOLOGY}v3-RoleCode", "mother")]}


def next_of_kin(nk1: Segment, owner: Resource, context: Context) -> None:
    """Carry NK1: a RelatedPerson if NK1-33 has a number, otherwise a contact of the patient."""
    if related_person("NK1-RelatedPerson", nk1, 33, owner, context) is None:
        _contact(nk1, owner, context)


def mother(pid: Segment, owner: Resource, context: Context) -> None:
    """Carry PID-21: the mother, of whom only numbers are known."""
    found = related_person("PID-RelatedPerson", pid, 21, owner, context) if pid.peek(21) else None
    if found is not None:
        found.own("relationship", [MOTHER])
        found.only_name()  # NK1 of this or another message says more of her


def related_person(table: str, segment: Segment, number: int, owner: Resource, context: Context) -> Resource | None:
    """Return the person of this patient whose number is in that field; None without one."""
    key = number_key(segment.peek(number).split(context.delimiters.repetition)[0], context)
    if key is None:
        return None
    found = context.bundle.get("RelatedPerson", (*owner.key, *key[0]))
    found.is_stub = False  # the mother, whom PID-21 only names
    rows.apply(table, segment, found, context)
    found.own("patient", owner.reference)
    return found


def named(segment: Segment, number: int, context: Context) -> Json | None:
    """Return a reference that has only the name in that field."""
    context.at(segment, number)
    first, *others = segment.get(number).split(context.delimiters.repetition)
    if any(others):
        context.leave(Reason.REPEATED)
    name = human_name(first, context) or {}
    words = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""), *name.get("suffix", ())]
    return {"display": " ".join(each for each in words if each)} if any(words) else None


def _contact(nk1: Segment, found: Resource, context: Context) -> None:
    body: Json = {}
    rows.fill("NK1-Contact", nk1, body, context)
    # R4 pat-1: a contact has at least a name, a telecom, an address or an organization.
    if body.keys() & {"name", "telecom", "address", "organization"}:
        found.append("contact", body)
        found.owns.add("contact")
    elif body:
        context.at(nk1, 1)
        context.leave(Reason.NO_ELEMENT)
