"""Where the resources of a message come from."""

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import coding
from adapters.fhir.context import Context
from adapters.fhir.parts import AGENT_TYPES
from adapters.fhir.reading import Hl7Message
from adapters.fhir.systems import TERMINOLOGY
from adapters.fhir.times import read_time


def message_resource(kind: str, context: Context) -> Resource:
    """Return the resource that a message has one of: the same one if the message is sent again.

    Some senders count MSH-10 from 1 each day, so that the patient is a part of the key.
    """
    patient = next((each.key for each in context.bundle if each.kind == "Patient"), ())
    return context.bundle.get(kind, (*patient, "message", *context.sender, context.control_id))


def add_provenance(message: Hl7Message, context: Context) -> None:
    """Say where the resources come from. R4 demands the time, so there is none without a whole one."""
    recorded = _recorded(message, context)
    if recorded is None:
        return
    found = message_resource("Provenance", context)
    who = " ".join(each for each in context.sender if each) or "unknown"
    agents = [
        {"type": {"coding": [coding(kind, AGENT_TYPES)]}, "who": {"display": each}}
        for kind, each in (("author", who), ("assembler", "Hilum"))
    ]
    found.body.update(recorded=recorded, activity=_activity(message, context))
    found.body.update(agent=agents, entity=[_source(message, context)])
    for segment in message.segments:
        if segment.name == "EVN":
            rows.apply("EVN-Provenance", segment, found, context)
    found.owns.clear()  # the whole of it is written again
    found.clears.clear()
    found.body["target"] = [each.reference for each in context.bundle if each is not found]


def _recorded(message: Hl7Message, context: Context) -> str | None:
    """Return when the message was made, MSH-7, or where that is not whole, when the event was recorded, EVN-2."""
    for segment, number in ((each, 2) for each in message.segments if each.name == "EVN"):
        context.at(segment, number)
        if not _is_whole(message.header.get(7), context) and _is_whole(segment.peek(number), context):
            return context.instant(segment.get(number))
    context.at(message.header, 7)
    return context.instant(message.header.get(7))


def _is_whole(raw: str, context: Context) -> bool:
    time = read_time(context.delimiters.text(raw.split(context.delimiters.component, maxsplit=1)[0]))
    return time is not None and time.has_seconds and context.zone_of(time) != ""


def _activity(message: Hl7Message, context: Context) -> Json:
    """Return the type of the message and its event; HL7's map has them as a text."""
    text = "^".join(context.texts(message.header.peek(9)))
    made: Json = {"text": text or context.event}
    return {"coding": [coding(context.event, f"{TERMINOLOGY}v2-0003", text)], **made} if context.event else made


def _source(message: Hl7Message, context: Context) -> Json:
    number = context.delimiters.text(message.header.get(10))
    identifier = {"identifier": {"value": number}} if number else {}
    return {"role": "source", "what": {**identifier, "display": "HL7v2 message"}}
