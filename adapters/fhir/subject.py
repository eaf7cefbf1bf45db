"""The patients of messages that are about something else: an appointment, a dose, a charge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.fhir import observations, person
from adapters.fhir.accounts import account, guarantor
from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID, Group, groups
from adapters.fhir.bundle import Resource
from adapters.fhir.context import Context
from adapters.fhir.events import ORU_EVENT
from adapters.fhir.insurance import coverages
from adapters.fhir.local import carry_local
from adapters.fhir.oru import REPEATED
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.visit import visit
from gateway.contract.outcome import Refused

NAMED = REPEATED | {"Account", "Coverage"}
"""What a message names with the patient. It is made if the store lacks it, and else stays as it is."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient of a group of segments, with a visit if something identifies it."""

    group: Group
    owner: Resource
    visit: Resource | None = None
    account: Resource | None = None
    conditions: tuple[Resource, ...] = ()
    insurances: tuple[Resource, ...] = ()

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


def subjects(
    message: Hl7Message, context: Context, about: frozenset[str] = frozenset(), *, has_account: bool = False
) -> list[Subject] | Refused:
    """Return the patients of a message, one for each visit; Refused if there is none, or one without a key.

    The message is *about* resources of these types; others that it names stay as they are in the store.
    """
    found = groups(message)
    if not found:
        return NO_PATIENT
    made: list[Subject] = []
    for group in found:
        owner = person.patient(group.pid, group.others, context)
        if owner is None:
            return NO_PATIENT_ID
        carry_local((group.pid, *group.others), {"Patient": owner}, context)
        made += [_subject(part, owner, context, has_account=has_account) for part in _visits(group)]
    for named in context.bundle:
        if named.kind in NAMED - about:
            named.only_name()
    return made


def _visits(group: Group) -> list[Group]:
    """Return a group for each PV1; what is before the first one is in the first group."""
    found = [Group(group.pid)]
    for segment in group.others:
        if segment.name == "PV1" and found[-1].named("PV1"):
            found.append(Group(group.pid))
        found[-1].others.append(segment)
    return found


def _subject(group: Group, owner: Resource, context: Context, *, has_account: bool) -> Subject:
    stay = None
    for pv1 in group.named("PV1"):
        stay = visit(pv1, group.pid, group.others, ORU_EVENT, owner, context)
    carry_local((group.pid, *group.others), {"Encounter": stay}, context)
    has_account = has_account or bool(group.named("GT1"))
    paid = account(group.pid, owner, stay, context) if has_account else None
    for gt1 in group.named("GT1"):
        guarantor(gt1, owner, paid, context)
    conditions = [person.condition(dg1, owner, stay, context) for dg1 in group.named("DG1")]
    return Subject(
        group,
        owner,
        stay,
        paid,
        tuple(each for each in conditions if each is not None),
        tuple(coverages(group.others, owner, paid, context)),
    )


def _results(segments: Sequence[Segment]) -> Iterator[Segment]:
    is_result = False
    for segment in segments:
        is_result = segment.name == "OBX" or (is_result and segment.name == "NTE")
        if is_result:
            yield segment
