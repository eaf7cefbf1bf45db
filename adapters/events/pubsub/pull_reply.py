"""The replies of Pub/Sub, and the bodies of requests to it, by its REST API.

POST {subscription}:pull                {"maxMessages": 100}
POST {subscription}:acknowledge         {"ackIds": [...]}
POST {subscription}:modifyAckDeadline   {"ackIds": [...], "ackDeadlineSeconds": 60}
"""

import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from adapters.rest.http.reply import read_json
from gateway.contract.outcome import Unavailable

MOST_PULLED = 100
MOST_ACKS = 400_000
"""Octets of ack IDs in one request; Pub/Sub takes 512 kB."""
LONGEST_ACK_ID, LONGEST_DATA, LONGEST_VERSION = 4096, 1024, 64
NODES = 50_000
NOT_A_PULL = Unavailable("the reply of Pub/Sub cannot be read")
NO_NAME = ""
NameIn = Callable[[bytes, Mapping[str, object]], str]
"""Returns the name of the resource that a notification is about, from its data and attributes; NO_NAME if there is
none. It must not raise."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A message of the subscription."""

    ack_id: str
    name: str
    """The name of the resource that it is about; NO_NAME if it is none that a store would send."""
    version: str = ""
    """The version of the resource that it is about, if the store says so."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings of a subscription mean for who pulls from it."""

    ack_seconds: float = 10
    attempts: int | None = None
    """Deliveries after which a message goes to the dead letter topic; None if there is none."""
    is_pushed: bool = False


def pull_body(most: int) -> bytes:
    """Return the body of a pull."""
    return json.dumps({"maxMessages": min(most, MOST_PULLED)}).encode()


def ack_requests(ack_ids: Iterable[str], seconds: int | None = None) -> Iterator[tuple[bytes, int]]:
    """Yield the bodies that acknowledge, or with *seconds* move the deadline, each with the number of its ack IDs."""
    portion: list[str] = []
    size = 0
    for each in ack_ids:
        if portion and size + len(each) > MOST_ACKS:
            yield _ack_body(portion, seconds), len(portion)
            portion, size = [], 0
        portion.append(each)
        size += len(each) + 4
    if portion:
        yield _ack_body(portion, seconds), len(portion)


def _ack_body(ack_ids: list[str], seconds: int | None) -> bytes:
    return json.dumps({"ackIds": ack_ids, **({} if seconds is None else {"ackDeadlineSeconds": seconds})}).encode()


def plain_name(data: bytes, _: Mapping[str, object]) -> str:
    """Return the name in a notification that has nothing but that."""
    try:
        return data.decode("ascii") if len(data) <= LONGEST_DATA else NO_NAME
    except UnicodeDecodeError:
        return NO_NAME


def read_pull(body: bytes, name_in: NameIn = plain_name) -> list[Notification] | Unavailable:
    """Return the notifications in a reply. Never raises."""
    value = read_json(body, len(body), NODES)
    received = value.get("receivedMessages", []) if isinstance(value, dict) else None
    if not isinstance(received, list) or len(received) > MOST_PULLED:
        return NOT_A_PULL
    found = [_notification(each, name_in) for each in received]
    return [each for each in found if each is not None] if None not in found else NOT_A_PULL


def read_terms(body: bytes) -> Terms | Unavailable:
    """Return the terms in the resource of a subscription. Never raises."""
    value = read_json(body)
    if not isinstance(value, dict):
        return NOT_A_PULL
    seconds, dead, push = (value.get(key) for key in ("ackDeadlineSeconds", "deadLetterPolicy", "pushConfig"))
    ack_seconds = float(seconds) if isinstance(seconds, int) and 10 <= seconds <= 600 else 10.0
    attempts = dead.get("maxDeliveryAttempts", 5) if isinstance(dead, dict) and dead else None
    is_pushed = isinstance(push, dict) and bool(push.get("pushEndpoint"))
    return Terms(ack_seconds, attempts if isinstance(attempts, int) else None, is_pushed)


def _notification(received: object, name_in: NameIn) -> Notification | None:
    if not isinstance(received, dict):
        return None
    ack_id, message = received.get("ackId"), received.get("message", {})
    if not isinstance(ack_id, str) or not 0 < len(ack_id) <= LONGEST_ACK_ID or not isinstance(message, dict):
        return None
    attributes = message.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    given = attributes.get("versionId")
    version = given if isinstance(given, str) and len(given) <= LONGEST_VERSION else ""
    return Notification(ack_id, name_in(_octets(message.get("data")), attributes), version)


def _octets(data: object) -> bytes:
    if not isinstance(data, str):
        return b""
    try:
        return binascii.a2b_base64(data.translate({45: 43, 95: 47}).rstrip("=") + "==")
    except ValueError:
        return b""
