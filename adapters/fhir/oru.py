"""ORU: each OBR with its ORC, its observations, specimens and comments."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.fhir import observations, orders, person, specimens
from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID, groups
from adapters.fhir.bundle import Resource
from adapters.fhir.context import Context
from adapters.fhir.events import ORU_EVENT
from adapters.fhir.local import carry_local
from adapters.fhir.parents import Made, link_parents
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.visit import visit
from gateway.contract.outcome import Refused

REPEATED = frozenset({"Patient", "RelatedPerson", "Encounter"})
"""What a result names and is not about."""
CORRECTIONS = frozenset({"amended", "corrected"})


@dataclass(slots=True)
class Order:
    """An OBR and what belongs to it."""

    obr: Segment
    orc: Segment | None = None
    notes: list[Segment] = field(default_factory=list)
    results: list[Segment] = field(default_factory=list)
    """OBX, and NTE after an OBX."""
    specimens: list[Segment] = field(default_factory=list)
    """SPM: before or after the observations."""


def orders_of(segments: Sequence[Segment]) -> list[Order]:
    """Return the orders of a patient. A comment belongs to the segment before it.

    An ORC ends the order before it. What follows it without an OBR belongs to no report, and is reported as not read.
    """
    found: list[Order] = []
    common: Segment | None = None
    notes: list[Segment] = []
    for segment in segments:
        if segment.name == "ORC":
            common, notes = segment, []
        elif segment.name == "OBR":
            found.append(Order(segment, common, notes))
            common, notes = None, []
        elif common is not None:
            notes += [segment] if segment.name == "NTE" else []
        elif not found:
            continue
        elif segment.name == "SPM":
            found[-1].specimens.append(segment)
        elif segment.name == "OBX" or (segment.name == "NTE" and found[-1].results):
            found[-1].results.append(segment)
        elif segment.name == "NTE":
            found[-1].notes.append(segment)
    return found


def convert_oru(message: Hl7Message, context: Context) -> Refused | None:
    """Convert results into the bundle of *context*."""
    found = groups(message)
    if not found:
        return NO_PATIENT
    for group in found:
        owner = person.patient(group.pid, group.others, context)
        if owner is None:
            return NO_PATIENT_ID
        stay = None
        for pv1 in group.named("PV1")[:1]:
            stay = visit(pv1, group.pid, group.others, ORU_EVENT, owner, context)
        carry_local((group.pid, *group.others), {"Patient": owner, "Encounter": stay}, context)
        convert_results(group.others, owner, stay, context)
    name_repeated(context)
    return None


def name_repeated(context: Context) -> None:
    """Make of all patients and visits what is only named: many systems repeat old demographics."""
    for each in context.bundle:
        if each.kind in REPEATED:
            each.only_name()


def convert_results(segments: Sequence[Segment], owner: Resource, stay: Resource | None, context: Context) -> None:
    """Convert the results of a patient."""
    made = [_convert_order(each, owner, stay, context) for each in orders_of(segments)]
    link_parents(made, owner.key, context)


def _convert_order(order: Order, owner: Resource, stay: Resource | None, context: Context) -> Made:
    of_message = context.bundle.as_of
    # OBR-22 is when the results were reported or their status changed; of two with the same, MSH-7 decides.
    context.bundle.as_of = context.as_of(order.obr.peek(22)) or of_message
    made = _convert_results(order, owner, stay, context)
    context.bundle.as_of = of_message
    return made


def _convert_results(order: Order, owner: Resource, stay: Resource | None, context: Context) -> Made:
    request = orders.service_request(order.orc, order.obr, owner, stay, context)
    report = orders.diagnostic_report(order.orc, order.obr, owner, stay, context)
    taken = specimens.specimens(order.specimens, order.obr, report, owner, context)
    context.at(order.obr, 7)
    start = report.body.get("effectiveDateTime") or report.body.get("effectivePeriod", {}).get("start", "")
    frame = observations.Frame(owner, stay, report.key, taken[0] if len(taken) == 1 else None, start)
    results = observations.observe(order.results, frame, context)
    report.own("status", orders.report_status(order.obr, results, context))
    if request is not None:
        report.own("basedOn", [request.reference])
    if taken:
        report.own("specimen", [each.reference for each in _once(taken)])
    if seen := [each.reference for each in results if each.kind == "Observation"]:
        report.own("result", seen)
        if report.body["status"] in CORRECTIONS:  # it has what has changed, and often nothing else
            report.owns.discard("result")
            report.adds.add("result")
    for each in results:
        if {each.body.get("status"), report.body["status"]} & CORRECTIONS and observations.NUMBER not in each.key:
            each.rival = context.bundle.following(each)
        if each.kind == "DocumentReference":
            each.body.setdefault("context", {})["related"] = [report.reference]
            each.owns.add("context")
    orders.add_notes(request, order.notes, context)
    return Made(order.orc, order.obr, request, report, results)


def _once(found: list[Resource]) -> list[Resource]:
    return list({each.url: each for each in found}.values())
