"""The patients of messages that are about something else: an appointment, a dose, a charge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.fhir import observations, person
from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID, Group, groups
from adapters.fhir.bundle import Resource
from adapters.fhir.context import Context
from adapters.fhir.events import ORU_EVENT
from adapters.fhir.local import carry_local
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.visit import visit
from gateway.contract.outcome import Refused


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient of a group of segments, with the visit if something identifies it."""

    group: Group
    owner: Resource
    visit: Resource | None
    conditions: tuple[Resource, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The key of what has no number of its own."""
        return (*self.owner.key, *(self.visit.key if self.visit is not None else ()))

    def place(self, found: Resource, element: str = "subject", encounter: str = "encounter") -> None:
        """Refer from a resource to the patient and to the visit."""
        found.own(element, self.owner.reference)
        if self.visit is not None:
            found.own(encounter, self.visit.reference)

    def observe(self, segments: Sequence[Segment], key: tuple[str, ...], context: Context) -> list[Resource]:
        """Convert the OBX among *segments*, with the NTE after each; other NTE belong to something else."""
        frame = observations.Frame(self.owner, self.visit, key)
        return observations.observe(list(_results(segments)), frame, context)


def subjects(message: Hl7Message, context: Context, *, is_about_patient: bool = False) -> list[Subject] | Refused:
    """Return the patients of a message; Refused if there is none, or one without a key.

    The patient and the visit are made if the store lacks them, and otherwise stay as they are, unless the message is
    about the patient too.
    """
    found = groups(message)
    if not found:
        return NO_PATIENT
    made: list[Subject] = []
    for group in found:
        owner = person.patient(group.pid, group.others, context)
        if owner is None:
            return NO_PATIENT_ID
        made.append(_subject(group, owner, context))
        for named in (None if is_about_patient else owner, made[-1].visit):
            if named is not None:
                named.only_name()
    return made


def _subject(group: Group, owner: Resource, context: Context) -> Subject:
    stay = None
    for pv1 in group.named("PV1")[:1]:
        stay = visit(pv1, group.pid, group.others, ORU_EVENT, owner, context)
    carry_local((group.pid, *group.others), {"Patient": owner, "Encounter": stay}, context)
    conditions = [person.condition(dg1, owner, stay, context) for dg1 in group.named("DG1")]
    return Subject(group, owner, stay, tuple(each for each in conditions if each is not None))


def _results(segments: Sequence[Segment]) -> Iterator[Segment]:
    is_result = False
    for segment in segments:
        is_result = segment.name == "OBX" or (is_result and segment.name == "NTE")
        if is_result:
            yield segment
