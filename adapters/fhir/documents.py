"""TXA: one DocumentReference with its content, its orders, and the document that it replaces or appends to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.fhir import observations, rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.contents import split_content
from adapters.fhir.context import Context
from adapters.fhir.identifiers import entity_authority, entity_identifier
from adapters.fhir.identity import entity_key
from adapters.fhir.orders import first_text
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.tables import HL7_EXTENSIONS
from adapters.fhir.times import read_time

STATUSES = {"AV": "current", "OB": "superseded", "CA": "entered-in-error"}
"""HL7 table 0273, TXA-19. UN, unavailable for care, has no counterpart."""
PRESENTATIONS = {"TX": "text/plain", "FT": "text/plain", "TEXT": "text/plain"}
"""HL7 table 0191, TXA-3, where it says the type of the content."""
ABSENT = {"extension": [{"url": f"{HL7_EXTENSIONS}data-absent-reason", "valueCode": "unknown"}]}
"""The attachment of a document without content: R4 demands one."""
ORDERS = ((14, "PLAC"), (15, "FILL"))


class Event(Protocol):
    """What a trigger event says of a document."""

    @property
    def relation(self) -> str:
        """What it does with the document in TXA-13."""

    @property
    def cancels(self) -> bool:
        """Whether it is withdrawn."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose document it is, from which visit, and for which orders."""

    owner: Resource
    visit: Resource | None
    requests: Sequence[Resource]


def convert_document(txa: Segment, segments: Sequence[Segment], about: About, event: Event, context: Context) -> None:
    """Convert one document."""
    found = _document(txa, about.owner, context)
    rows.apply("TXA-DocumentReference", txa, found, context)
    found.own("subject", about.owner.reference)
    _set_status(found, txa, event, context)
    _set_content(found, txa, segments, about, context)
    _set_date(found, txa, context)
    _set_context(found, txa, about, context)
    if event.relation:
        _relate(found, txa, event.relation, about.owner, context)


def _document(txa: Segment, owner: Resource, context: Context) -> Resource:
    """Return the document with the number in TXA-12; without one it is identified by the message."""
    found = _numbered(txa, 12, owner, context)
    if found is not None:
        return found
    context.at(txa, 12)
    context.leave(Reason.KEYED_BY_MESSAGE)
    return context.bundle.new("DocumentReference", ("message", *context.sender, context.control_id, *owner.key, "TXA"))


def _numbered(txa: Segment, field: int, owner: Resource, context: Context) -> Resource | None:
    raw = txa.peek(field).split(context.delimiters.repetition)[0]
    key = entity_key(raw, context, owner.key) if raw != NULL else None
    if key is None:
        return None
    system = entity_authority(context.components(raw), context)[0]
    return context.bundle.get("DocumentReference", key, (system, key[-1]) if system else None)


def _set_status(found: Resource, txa: Segment, event: Event, context: Context) -> None:
    sent = first_text(txa, 19, context)
    if sent and sent not in STATUSES:
        context.at(txa, 19)
        context.leave(Reason.NOT_IN_TABLE)
    if sent in STATUSES:
        found.own("status", STATUSES[sent])
    found.body.setdefault("status", "current")
    if event.cancels:
        found.own("status", "entered-in-error")
        found.own("docStatus", "entered-in-error")


def _set_content(found: Resource, txa: Segment, segments: Sequence[Segment], about: About, context: Context) -> None:
    """Set the content; without one, what is said of it is there for a new resource only."""
    content, others = split_content(segments, context)
    title = context.delimiters.text(txa.get(16))
    presented = PRESENTATIONS.get(first_text(txa, 3, context), "")
    if content:
        found.own("content", [{"attachment": each} for each in content])
    else:
        found.body["content"] = [{"attachment": {"contentType": presented} if presented else dict(ABSENT)}]
    if title and found.body["content"][0]["attachment"].setdefault("title", title) != title:
        context.at(txa, 16)
        context.leave(Reason.REPEATED)
    frame = observations.Frame(about.owner, about.visit, ("DocumentReference", *found.key))
    _add_related(found, [each.reference for each in observations.observe(others, frame, context)])


def _set_date(found: Resource, txa: Segment, context: Context) -> None:
    """Set when the document was written, TXA-6: of its content, and of the reference if the time is whole."""
    raw = txa.get(6)
    context.at(txa, 6)
    if raw == NULL:
        found.clears.add("date")
    elif raw and (when := context.date_time(raw)) is not None:
        time = read_time(context.delimiters.text(raw.split(context.delimiters.component)[0]))
        if time is not None and time.has_seconds and "T" in when:
            found.own("date", when)
        for each in found.body["content"]:
            each["attachment"]["creation"] = when


def _add_related(found: Resource, references: Sequence[Json]) -> None:
    listed: list[Json] = found.body.setdefault("context", {}).setdefault("related", [])
    listed += [each for each in references if each not in listed]
    if listed:
        found.owns.add("context.related")
    else:
        del found.body["context"]["related"]


def _set_context(found: Resource, txa: Segment, about: About, context: Context) -> None:
    """Set the visit, and the orders: those in the message, and those whose numbers TXA-14 and 15 give."""
    if about.visit is not None:
        found.body.setdefault("context", {})["encounter"] = [about.visit.reference]
        found.owns.add("context.encounter")
    known = {each["value"] for request in about.requests for each in request.body.get("identifier", ())}
    named = []
    for number, role in ORDERS:
        for raw in txa.get(number).split(context.delimiters.repetition):
            made = entity_identifier(raw, context, role) if raw and raw != NULL else None
            if made and made["value"] not in known:
                named.append({"type": "ServiceRequest", "identifier": made})
    _add_related(found, [*(each.reference for each in about.requests), *named])
    if not found.body["context"]:
        del found.body["context"]


def _relate(found: Resource, txa: Segment, relation: str, owner: Resource, context: Context) -> None:
    """Link it with another document, which is created if it is missing, and superseded if it is replaced."""
    context.at(txa, 13)
    other = _numbered(txa, 13, owner, context)
    if other is None or other is found:
        context.leave(Reason.NO_KEY)
        return
    if number := entity_identifier(txa.get(13).split(context.delimiters.repetition)[0], context):
        other.body.setdefault("masterIdentifier", number)
        other.body.setdefault("identifier", [number])
    other.is_stub = True
    other.body.setdefault("status", "current")
    other.body.setdefault("subject", owner.reference)
    other.body.setdefault("content", [{"attachment": dict(ABSENT)}])
    if relation == "replaces":
        other.own("status", "superseded")
    found.own("relatesTo", [{"code": relation, "target": other.reference}])
