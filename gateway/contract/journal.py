"""What the journal keeps of each message: facts without payload and without the patient.

Listeners tell of each answer by ``ListenerMeter.recorded``, with references to what they have anyway; a thread makes a
:class:`Row` of it. So the event loop pays for a tuple and an append only.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import NamedTuple

from gateway.contract.message import UID
from gateway.contract.outcome import Outcome


class Row(NamedTuple):
    """One thing that happened to a message: an answer to its sender, or an attempt of commit mode to deliver it."""

    at: float
    """Seconds since the epoch."""
    message_id: str
    listener: str
    """Empty for an attempt of commit mode."""
    peer: str
    """AE title, ``MSH-3|MSH-4`` or IP address."""
    address: str
    """``ip:port`` of the connection."""
    key: str
    """Control ID or SOP Instance UID; where ``identifiers`` is ``keyed``, ``keyed:`` and a digest of it."""
    type: str
    """``ADT^A01``, a SOP Class UID, an interaction of FHIR, or of a fetched resource its type."""
    octets: int
    outcome: str
    """``stored``, ``committed``, ``refused``, ``unavailable``, ``parked``, ``retried``, ``duplicate``, ``discarded`` or
    ``none`` (an acknowledgement that came in)."""
    answer: str
    """``AA``, ``A700``, …; ``none`` where the sender wants none, ``lost`` where it was gone; empty for an attempt."""
    reason: str
    """Hilum's own sentence; never a store's text."""
    destination: str
    """Where it goes; several names of commit mode are separated by commas."""
    attempts: int
    seconds: float
    """From the last octet to the answer; for an attempt, how long it took."""


Signature = tuple[bytes | str, ...]

Names = tuple[str, str, str]
"""Listener, peer and type of messages; an empty peer is the IP address of the connection. A plain tuple of texts: what
refers to nothing else is passed over by Python's garbage collector."""


class Answered(NamedTuple):
    """What a listener tells of one message, in this order: a plain tuple will do, which costs a third.

    Nothing of it is read before the thread of the journal does: the outcome and the facts must not change any more.
    All of it is kept until then, so what is small is better than what is large.
    """

    at: float
    message_id: str
    facts: "Mapping[str, str] | Names"
    """As of ``Message.facts``, or what ``names_of`` has read from them."""
    address: str
    identifier: str
    """The first of ``Message.identifiers``; empty if there is none."""
    octets: int
    outcome: "Outcome | str | None"
    """The word of the outcome or the outcome itself; None for an acknowledgement, which is not
    delivered."""
    answer: str
    reason: str
    """For an outcome given as a word; otherwise it is in the outcome."""
    seconds: float


class Attempted(NamedTuple):
    """What commit mode tells of an attempt to deliver a message, or of a decision about it."""

    at: float
    message_id: str
    facts: Mapping[str, str]
    address: str
    identifiers: Mapping[str, str]
    octets: int
    outcome: str
    """``stored``, ``parked``, ``retried`` (it will be tried again) or ``discarded``."""
    reason: str
    destination: str
    attempts: int
    """This one included."""
    seconds: float


Record = Callable[[tuple[object, ...]], None]
"""Takes the values of an :class:`Answered`, or an :class:`Attempted`: at most 1.5 µs of the event loop with all that
prepares it. May be called from the event loop only."""

ReadRows = Callable[[Sequence[Row]], None]
"""Gets all rows some 0.25 s later, in the order in which they were recorded. It is called in the thread of the
journal, also where nothing is written to the disk; it must return soon and must not raise."""

Passages = MutableMapping[str, tuple[str, int, str]]
"""By message ID, where a message went: destinations, attempts, and a word in place of the outcome's (``duplicate``).
Relay and commit mode write it, the journal takes it out."""

LONGEST_TYPE = 64
LONGEST_NAME = 40
"""Characters of a peer's name."""
LONGEST_AE_TITLE = 16
HL7_TYPE = re.compile(r"[A-Z][A-Z0-9]{2}(?:\^[A-Z0-9]{3})?")


def record_nothing(_: tuple[object, ...]) -> None:
    """Take the place of a journal where there is none."""


def printable(text: str, most: int) -> str:
    """Return at most *most* characters of *text*, with ``?`` for each that cannot be printed."""
    if text.isprintable():
        return text[:most]
    return "".join(each if each.isprintable() else "?" for each in text[:most])


def hl7_type_of(facts: Mapping[str, str]) -> str:
    """Return the type of an HL7 message, such as ``ADT^A01``; empty if ``MSH-9`` is anything else.

    Then the header is none, whatever begins with ``MSH``: a patient may stand in any of its fields.
    """
    found = facts.get("message_type", "")
    return found if HL7_TYPE.fullmatch(found) else ""


def peer_of(facts: Mapping[str, str]) -> str:
    """Return who sent a message, as an operator knows it: the AE title, ``MSH-3|MSH-4``, or the IP address.

    The names in an HL7 header count only if its type is one. The peer of what is fetched is the host that it is fetched
    from, whoever has put it there.
    """
    protocol = facts.get("protocol", "")
    if protocol == "dimse" and (title := facts.get("calling_ae_title", "").strip()):
        return printable(title, LONGEST_AE_TITLE)
    if protocol == "mllp" and hl7_type_of(facts):
        application, facility = facts.get("sending_application", ""), facts.get("sending_facility", "")
        if application or facility:
            return printable(f"{application}|{facility}", LONGEST_NAME)
    return printable(facts.get("peer_ip", ""), LONGEST_NAME)


def names_of(facts: Mapping[str, str]) -> Names:
    """Return the listener, the peer and the type that *facts* tell of."""
    return facts.get("listener", ""), peer_of(facts), type_of(facts)


def type_of(facts: Mapping[str, str]) -> str:
    """Return the type of a message, if it is one: a peer may write anything in its place.

    Of a request over HTTP it is the interaction, since the type of resource is a word of its address.
    """
    if "message_type" in facts:
        return hl7_type_of(facts)
    if (uid := facts.get("sop_class_uid")) is not None:
        return uid if UID.fullmatch(uid) else ""
    return printable(facts.get("interaction") or facts.get("resource_type", ""), LONGEST_TYPE)


def first_of(identifiers: Mapping[str, str]) -> str:
    """Return the first of *identifiers*; empty if there is none."""
    for each in identifiers.values():
        return each
    return ""
