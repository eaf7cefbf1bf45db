"""ROL: who has a role in the care of a patient, in a visit or in a procedure; it belongs to the segment before it."""

from collections.abc import Mapping, Sequence

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.reading import Segment

ANCHORS = frozenset({"PV1", "PR1", "IN1", "OBR"})
"""Segments to which the ROL after them belong; before the first of them they belong to the patient."""
DELETED = "DE"
"""HL7 table 0287: the role has ended."""


def roles(
    segments: Sequence[Segment],
    owner: Resource,
    visit: Resource | None,
    procedures: Mapping[int, Resource],
    context: Context,
) -> None:
    """Carry each ROL among *segments*; one that is deleted, or of which there is no role, is reported as left out."""
    anchor: Segment | None = None
    for segment in segments:
        if segment.name in ANCHORS:
            anchor = segment
        elif segment.name == "ROL" and segment.peek(2) != DELETED:
            if anchor is None:
                _practitioner(segment, owner, context)
            elif anchor.name == "PV1" and visit is not None:
                _add(segment, "ROL-Participant", visit, "participant", "individual", context)
            elif anchor.name == "PR1" and anchor.occurrence in procedures:
                _add(segment, "ROL-Performer", procedures[anchor.occurrence], "performer", "actor", context)


def _practitioner(rol: Segment, owner: Resource, context: Context) -> None:
    """Carry the primary care provider. HL7 makes a care team of others, which nothing identifies."""
    if context.texts(rol.peek(3))[0] == "PP":
        rol.read |= {2, 3}
        rows.apply("ROL-Patient", rol, owner, context)


def _add(rol: Segment, table: str, found: Resource, element: str, who: str, context: Context) -> None:
    body: Json = {}
    rol.get(2)
    rows.fill(table, rol, body, context)
    if who not in body:
        return
    listed = found.body.setdefault(element, [])
    if body not in listed:
        listed.append(body)
    found.owns.add(element)
