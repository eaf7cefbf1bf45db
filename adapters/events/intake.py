"""Makes the message that routes get out of what was fetched from a store."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import time

from adapters.events.dicom.instance import Instance
from adapters.events.fhir.resource import Resource
from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.listing import Fetched
from adapters.fhir.message import facts_of
from adapters.hl7 import intake
from adapters.hl7.er7 import Header
from adapters.hl7.facts import Facts
from gateway.contract.body import WholeBody
from gateway.contract.destination import Deliver
from gateway.contract.journal import first_of
from gateway.contract.message import Message
from gateway.contract.message_ids import id_source
from gateway.contract.meter import ListenerMeter
from gateway.contract.outcome import Outcome, Refused, Stored, word_of

PROTOCOL, DICOM_PROTOCOL, FHIR_PROTOCOL = "pubsub", "pubsub_dicom", "pubsub_fhir"
NO_HEADER = Refused("the message does not begin with MSH", code="100")
LONGEST_CONTROL_ID = 199
"""Characters of a control ID that is logged (HL7 2.9: MSH-10)."""


def deliverer(
    listener: str, host: str, charset: str | None, deliver: Deliver, meter: ListenerMeter
) -> Callable[[Entry, Fetched, bool], Awaitable[Outcome]]:
    """Return a function that delivers what was fetched from the store on *host* by the routes of *listener*.

    It is told whether an earlier attempt may have stored the message. No sender waits for the outcome, so the message
    counts as queued in both modes: one that asks for no answer is made to ask for it.
    """
    new_id = id_source()

    async def take(_: Entry, fetched: Fetched, maybe_stored: bool) -> Outcome:
        meter.received(len(fetched.data))
        began = time()
        header = Header.parse(fetched.data, charset)
        refused = NO_HEADER if header is None else intake.refusal(header, fetched.data, "any")
        if refused is not None or header is None:
            outcome: Outcome = refused or NO_HEADER
            known = {"protocol": PROTOCOL, "listener": listener, "peer_ip": host}
            _record(meter, Message(new_id(), WholeBody(fetched.data), known, {}, None, host), outcome, began)
            return outcome
        facts = Facts({"protocol": PROTOCOL, "listener": listener, "peer_ip": host}, header)
        control_id = header.text(10)
        identifiers = {"control_id": control_id} if 0 < len(control_id) <= LONGEST_CONTROL_ID else {}
        message = Message(new_id(), WholeBody(fetched.data), facts, identifiers, charset, host)
        outcome = await deliver(replace(message, queued=True, maybe_stored=maybe_stored))
        _record(meter, message, outcome, began)
        return outcome

    return take


def instance_deliverer(
    listener: str, host: str, deliver: Deliver, meter: ListenerMeter
) -> Callable[[Instance], Awaitable[Outcome]]:
    """Return a function that delivers an instance of the store on *host* by the routes of *listener*."""
    new_id = id_source()

    async def take(instance: Instance) -> Outcome:
        meter.received(len(instance.data))
        began = time()
        facts = {"protocol": DICOM_PROTOCOL, "listener": listener, "peer_ip": host, **instance.facts}
        identifiers = {"sop_instance_uid": instance.sop_instance_uid}
        message = Message(new_id(), WholeBody(instance.data), facts, identifiers, None, host)
        outcome = await deliver(message)
        _record(meter, message, outcome, began)
        return outcome

    return take


def resource_deliverer(
    listener: str, host: str, deliver: Deliver, meter: ListenerMeter
) -> Callable[[Resource], Awaitable[Outcome]]:
    """Return a function that delivers a resource of the store on *host* by the routes of *listener*."""
    new_id = id_source()

    async def take(resource: Resource) -> Outcome:
        meter.received(len(resource.data))
        began = time()
        facts = {"protocol": FHIR_PROTOCOL, "listener": listener, "peer_ip": host, **facts_of(resource.data)}
        # Its ID may be the number of a patient, so nothing of it is an identifier, which may be logged.
        message = Message(new_id(), WholeBody(resource.data), facts, {}, None, host)
        outcome = await deliver(message)
        _record(meter, message, outcome, began)
        return outcome

    return take


def _record(meter: ListenerMeter, message: Message, outcome: Outcome, began: float) -> None:
    """Tell the journal what became of a message. Nobody is answered."""
    now = time()
    reason = "" if isinstance(outcome, Stored) else outcome.reason
    meter.recorded(
        (
            now,
            message.message_id,
            message.facts,
            message.connection,
            first_of(message.identifiers),
            message.body.length or 0,
            word_of(outcome),
            "",
            reason,
            max(0.0, now - began),
        )
    )
