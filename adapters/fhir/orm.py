"""Orders: ORM^O01, OMG^O19, OML^O21 and OMI^O23.

An order has ORC and OBR, its timing, reasons, specimens, details and comments. Prior results that are sent with it are
resources of their own, which are created if the store lacks them.
"""

from collections.abc import Sequence
from itertools import takewhile

from adapters.fhir import imaging, observations, orders, person, specimens
from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID, Group, groups
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.events import ORU_EVENT
from adapters.fhir.identity import patient_key
from adapters.fhir.insurance import coverages
from adapters.fhir.local import carry_local
from adapters.fhir.oru import convert_results, name_repeated
from adapters.fhir.parents import Made, link_parents
from adapters.fhir.people import add_people
from adapters.fhir.pharmacy import convert_group
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.replacing import link_replacements
from adapters.fhir.report import Reason
from adapters.fhir.rx import Rx
from adapters.fhir.segments import Order, Taken, orders_of
from adapters.fhir.subject import Subject
from adapters.fhir.visit import visit
from gateway.contract.outcome import Refused

ORDER_EVENTS = (("ORM", "O01"), ("ORM", ""), ("OMG", "O19"), ("OML", "O21"), ("OMI", "O23"))
WITHOUT_PRIOR = "ORM"
"""The type that has no group of prior results: another PID begins another patient's orders."""
NO_PID = Segment("PID", 1, ["PID"])


def convert_orders(message: Hl7Message, context: Context) -> Refused | None:
    """Convert orders into the bundle of *context*."""
    found = groups(message)
    if not found:
        return NO_PATIENT
    has_prior = context.texts(message.header.peek(9))[0] != WITHOUT_PRIOR
    if has_prior:
        later = [segment for group in found[1:] for segment in (group.pid, *group.others)]
        found = [Group(found[0].pid, [*found[0].others, *later])]
    for group in found:
        if not _convert_group(group, has_prior, context):
            return NO_PATIENT_ID
    name_repeated(context)
    return None


def _convert_group(group: Group, has_prior: bool, context: Context) -> bool:
    """Convert the orders of one patient; false if nothing identifies the patient."""
    about = list(takewhile(lambda each: each.name not in {"ORC", "OBR"}, group.others)) if has_prior else group.others
    found = subject(group.pid, about, context)
    if found is None:
        return False
    insurances = coverages(about, found[0], None, context)
    for each in insurances:
        each.only_name()
    made = []
    for order in orders_of(group.others, has_prior, context):
        if order.is_medicine and order.obr is None:
            about_patient = Subject(group, *found, insurances=tuple(insurances))
            convert_group(Rx(order.orc, order.all), about_patient, context, is_order=True)
            continue
        request = _convert_order(order, *found, context)
        made.append(Made(order.orc, order.obr, request))
        if insurances:
            request.own("insurance", [each.reference for each in insurances])
    link_parents(made, found[0].key, context)
    controls = (orders.first_text(each.orc, 1, context) for each in made)
    link_replacements([(control, each.request) for control, each in zip(controls, made, strict=True) if each.request])
    return True


def subject(pid: Segment, others: Sequence[Segment], context: Context) -> tuple[Resource, Resource | None] | None:
    """Return patient and visit; None without a key of the patient."""
    owner = person.patient(pid, others, context)
    if owner is None:
        return None
    stay = None
    for pv1 in [each for each in others if each.name == "PV1"][:1]:
        stay = visit(pv1, pid, others, ORU_EVENT, owner, context)
    carry_local((pid, *others), {"Patient": owner, "Encounter": stay}, context)
    return owner, stay


def _convert_order(order: Order, owner: Resource, stay: Resource | None, context: Context) -> Resource:
    of_message = context.bundle.as_of
    context.bundle.as_of = orders.as_of(order.orc, context)
    request = _request(order, owner, context)
    orders.fill_request(request, order.orc, order.obr, order.timings, context)
    orders.place(request, owner, stay)
    found = [person.reason(each, owner, stay, context) for each in order.reasons]
    if reasons := [each.reference for each in found if each is not None]:
        request.own("reasonReference", reasons)
    info = [*_details(order, request, owner, stay, context), *_prior(order.prior, owner, stay, context)]
    if info:
        request.own("supportingInfo", info)
    imaging.add(order.steps, request, owner, stay, context)
    orders.complete(request)
    orders.add_notes(request, order.notes, context)
    context.bundle.as_of = of_message
    return request


def _request(order: Order, owner: Resource, context: Context) -> Resource:
    """Return the resource of an order. A parent (PA) that has the key of an order in the message is that order."""
    key = orders.request_key(order.orc, order.obr, owner.key, context)
    what = orders.service(order.obr, context)
    segment = order.orc or order.obr
    if segment is not None:
        context.at(segment, 2)
    if key is None:
        context.leave(Reason.KEYED_BY_MESSAGE)
        key = ("message", *context.sender, context.control_id, *owner.key, *what)
    elif not what:
        context.leave(Reason.NO_SERVICE)
    is_parent = orders.first_text(order.orc, 1, context) == "PA"
    return context.bundle.get("ServiceRequest", key) if is_parent else context.bundle.new("ServiceRequest", key)


def _details(order: Order, request: Resource, owner: Resource, stay: Resource | None, context: Context) -> list[Json]:
    """Convert specimens and observations, and return references to the observations."""
    segments = [each.spm for each in order.specimens]
    taken = specimens.specimens(segments, order.obr, request, owner, context)
    if taken:
        request.own("specimen", list({each.url: each.reference for each in taken}.values()))
    add_people(order.people, request, taken, context)
    frame = observations.Frame(owner, stay, ("ServiceRequest", *request.key))
    made = observations.observe(order.details, frame, context)
    for specimen, parts in zip(taken, order.specimens, strict=False):
        _add_to_specimen(specimen, parts, context)
        frame = observations.Frame(owner, stay, ("Specimen", *specimen.key), specimen)
        made += observations.observe(parts.details, frame, context)
    for each in made:
        if each.kind == "DocumentReference":
            each.body.setdefault("context", {})["related"] = [request.reference]
            each.owns.add("context")
    return [each.reference for each in made]


def _add_to_specimen(specimen: Resource, taken: Taken, context: Context) -> None:
    orders.add_notes(specimen, taken.notes, context)
    for sac in taken.containers:
        specimens.add_sac(specimen, sac, context)


def _prior(segments: Sequence[Segment], owner: Resource, stay: Resource | None, context: Context) -> list[Json]:
    """Convert prior results, which may be of another patient, and return references to their reports."""
    count = len(context.bundle)
    parts: list[list[Segment]] = [[]]
    for segment in segments:
        if segment.name == "PID":
            parts.append([])
        parts[-1].append(segment)
    for part in parts:
        _convert_prior(part, owner, stay, context)
    made = context.bundle.since(count)
    for each in made:
        each.only_name()
    return [each.reference for each in made if each.kind == "DiagnosticReport"]


def _convert_prior(part: list[Segment], owner: Resource, stay: Resource | None, context: Context) -> None:
    pid = next((each for each in part if each.name == "PID"), None)
    if pid is not None:
        key = patient_key(pid, context)
        if key is None:
            return  # whose results these are is not said; they are reported as not read
        if key[0] != owner.key:
            owner, stay = person.patient(pid, part, context) or owner, None
    for pv1 in [each for each in part if each.name == "PV1"][:1]:
        stay = visit(pv1, pid or NO_PID, part, ORU_EVENT, owner, context)
    convert_results(part, owner, stay, context)
