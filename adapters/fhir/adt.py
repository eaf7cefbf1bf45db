"""ADT: groups of segments, each with a patient, and what the event says of them."""

from dataclasses import dataclass, field

from adapters.fhir import linking, observations, person, rows
from adapters.fhir.accounts import account, guarantor
from adapters.fhir.bundle import Resource
from adapters.fhir.context import Context
from adapters.fhir.deaths import cause_of_death
from adapters.fhir.events import EVENTS, Encounter, Event, Linking
from adapters.fhir.insurance import coverages
from adapters.fhir.local import carry_local
from adapters.fhir.procedures import procedures
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.roles import roles
from adapters.fhir.visit import visit
from gateway.contract.outcome import Refused

NO_PATIENT = Refused("The message has no PID segment", code="100")
NO_PATIENT_ID = Refused("The message has no identifier of its patient in PID-3", code="101")


@dataclass(slots=True)
class Group:
    """A PID and the segments up to the next one."""

    pid: Segment
    others: list[Segment] = field(default_factory=list)

    def named(self, name: str) -> list[Segment]:
        """Return its segments with this name."""
        return [each for each in self.others if each.name == name]


def groups(message: Hl7Message) -> list[Group]:
    """Return a group for each PID."""
    found: list[Group] = []
    for segment in message.segments:
        if segment.name == "PID":
            found.append(Group(segment))
        elif found:
            found[-1].others.append(segment)
    return found


def convert_adt(message: Hl7Message, context: Context) -> Refused | None:
    """Convert an ADT message into the bundle of *context*."""
    event = EVENTS[context.event]
    found = groups(message)
    if not found:
        return NO_PATIENT
    before = [each for each in message.segments if each.name == "EVN"]
    patients: list[Resource] = []
    for group in found:
        group.others += before
        moved = linking.moved_keys(group.named("MRG"), event, context)
        owner = person.patient(group.pid, group.others, context, moved)
        if owner is None:
            return NO_PATIENT_ID
        patients.append(owner)
        _convert_group(group, owner, event, context)
    _link(patients, event)
    return None


def _convert_group(group: Group, owner: Resource, event: Event, context: Context) -> None:
    if event.deactivates:
        owner.own("active", False)
    elif event.activates:
        linking.revive(owner)
    found = None
    if event.encounter is not Encounter.NONE:
        for pv1 in group.named("PV1")[:1]:
            found = visit(pv1, group.pid, group.others, event, owner, context)
            rows.apply("PV1-Patient", pv1, owner, context)
    for dg1 in group.named("DG1"):
        person.condition(dg1, owner, found, context)
    roles(group.others, owner, found, procedures(group.named("PR1"), owner, found, context), context)
    for pda in group.named("PDA"):
        cause_of_death(pda, owner, found, context)
    paid = _convert_payment(group, owner, found, context)
    carry_local((group.pid, *group.others), {"Patient": owner, "Encounter": found}, context)
    for mrg in group.named("MRG"):
        linking.merged(mrg, event, owner, found, paid, context)
    results = [each for each in group.others if each.name in {"OBX", "NTE"}]
    observations.observe(
        results, observations.Frame(owner, found, (*owner.key, *(found.key if found else ())), is_timed=True), context
    )


def _convert_payment(group: Group, owner: Resource, found: Resource | None, context: Context) -> Resource | None:
    """Convert the account with its guarantors and insurances; return the account."""
    paid = account(group.pid, owner, found, context)
    for gt1 in group.named("GT1"):
        guarantor(gt1, owner, paid, context)
    coverages(group.others, owner, paid, context)
    return paid


def _link(patients: list[Resource], event: Event) -> None:
    """Link or unlink the first two patients of a message."""
    one, other = patients[0], patients[-1]
    if one is other:
        return
    if event.linking is Linking.LINK:
        linking.link(one, other, "seealso")
        linking.link(other, one, "seealso")
    elif event.linking is Linking.UNLINK:
        linking.unlinked(one, other)
        linking.revive(one)
        linking.revive(other)
