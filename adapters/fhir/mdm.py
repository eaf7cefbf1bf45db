"""MDM^T01 to T11: a document, its content, and what it does with the document in TXA-13."""

from dataclasses import dataclass

from adapters.fhir import documents, orders
from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID, Group, groups
from adapters.fhir.bundle import Resource
from adapters.fhir.context import Context
from adapters.fhir.orm import subject
from adapters.fhir.oru import name_repeated
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.segments import orders_of
from gateway.contract.outcome import Refused


@dataclass(frozen=True, slots=True)
class Event:
    """One trigger event (HL7 2.5.1, 9.5)."""

    relation: str = ""
    """What the document does with the one in TXA-13, in FHIR's words."""
    cancels: bool = False


DOCUMENT_EVENTS = {
    **dict.fromkeys(("T01", "T02"), Event()),
    **dict.fromkeys(("T03", "T04"), Event()),  # the status has changed
    **dict.fromkeys(("T05", "T06"), Event("appends")),
    **dict.fromkeys(("T07", "T08"), Event()),  # the document was edited
    **dict.fromkeys(("T09", "T10"), Event("replaces")),
    "T11": Event(cancels=True),
}
"""The even ones of T01 to T10 have the content with them."""


def convert_mdm(message: Hl7Message, context: Context) -> Refused | None:
    """Convert documents into the bundle of *context*."""
    found = groups(message)
    if not found:
        return NO_PATIENT
    for group in found:
        known = subject(group.pid, group.others, context)
        if known is None:
            return NO_PATIENT_ID
        _convert_group(group, *known, context)
    name_repeated(context)
    return None


def _convert_group(group: Group, owner: Resource, stay: Resource | None, context: Context) -> None:
    before, parts = _split(group.others)
    requests = _requests(before, owner, stay, context)
    event = DOCUMENT_EVENTS[context.event]
    for txa, content in parts:
        documents.convert_document(txa, content, documents.About(owner, stay, requests), event, context)


def _split(segments: list[Segment]) -> tuple[list[Segment], list[tuple[Segment, list[Segment]]]]:
    """Return what is before the first TXA, and each TXA with its content."""
    before: list[Segment] = []
    parts: list[tuple[Segment, list[Segment]]] = []
    for segment in segments:
        if segment.name == "TXA":
            parts.append((segment, []))
        elif parts:
            parts[-1][1].append(segment)
        else:
            before.append(segment)
    return before, parts


def _requests(segments: list[Segment], owner: Resource, stay: Resource | None, context: Context) -> list[Resource]:
    """Return the orders to which the document belongs: the message is not about them."""
    found = []
    for order in orders_of(segments, False, context):
        key = orders.request_key(order.orc, order.obr, owner.key, context)
        if key is not None:
            request = context.bundle.get("ServiceRequest", key)
            orders.fill_request(request, order.orc, order.obr, order.timings, context)
            orders.place(request, owner, stay)
            orders.complete(request)
            orders.add_notes(request, order.notes, context)
            request.only_name()
            found.append(request)
    return found
