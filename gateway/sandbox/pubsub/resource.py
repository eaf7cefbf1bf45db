"""Reads and writes the JSON of topics, subscriptions and messages, and checks the limits that Google states."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from gateway.sandbox.clock import rfc3339
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.pubsub.broker import Published, Terms

NAME = "[A-Za-z][A-Za-z0-9._~+%-]{2,254}"
TOPIC = re.compile(rf"projects/[a-z0-9][a-z0-9:.-]*/topics/{NAME}\Z")
MOST_MESSAGE = 10 * 1000 * 1000
"""Octets of data and attributes of one message, and of a publish request."""
MOST_MESSAGES, MOST_ATTRIBUTES, LONGEST_KEY, LONGEST_VALUE = 1000, 100, 256, 1024
MOST_ACKS = 512 * 1024
"""Octets of a request with ack IDs."""
SUBSCRIPTION_KEYS = {
    "name",
    "topic",
    "pushConfig",
    "ackDeadlineSeconds",
    "retainAckedMessages",
    "messageRetentionDuration",
    "labels",
    "expirationPolicy",
    "deadLetterPolicy",
    "retryPolicy",
    "state",
}
UNSUPPORTED = {"filter", "enableMessageOrdering", "enableExactlyOnceDelivery", "bigqueryConfig", "cloudStorageConfig"}


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in a request; an empty body is an empty object."""
    octets = await request.read()
    try:
        body = json.loads(octets) if octets else {}
    except (ValueError, RecursionError):
        raise ApiError(400, "the request is not JSON") from None
    if not isinstance(body, dict):
        raise ApiError(400, "the request must be an object")
    return body


def reply(body: Mapping[str, object]) -> web.Response:
    """Return a JSON reply."""
    return web.Response(body=json.dumps(body).encode(), content_type="application/json")


def read_message(message: object) -> tuple[bytes, dict[str, str], str]:
    """Return the data, attributes and ordering key of a message to publish."""
    if not isinstance(message, dict):
        raise ApiError(400, "a message must be an object")
    attributes, key = message.get("attributes", {}), message.get("orderingKey", "")
    texts = isinstance(attributes, dict) and all(isinstance(each, str) for each in attributes.values())
    if not texts or not isinstance(key, str):
        raise ApiError(400, "attributes must map strings to strings, and orderingKey must be a string")
    data = decoded(message.get("data", ""))
    if not data and not attributes:
        raise ApiError(400, "a message needs data or attributes")
    _check_size(data, attributes)
    return data, attributes, key


def _check_size(data: bytes, attributes: Mapping[str, str]) -> None:
    if len(attributes) > MOST_ATTRIBUTES:
        raise ApiError(400, f"a message has at most {MOST_ATTRIBUTES} attributes")
    if any(len(key.encode()) > LONGEST_KEY or len(value.encode()) > LONGEST_VALUE for key, value in attributes.items()):
        raise ApiError(
            400, f"an attribute has a key of up to {LONGEST_KEY} octets and a value of up to {LONGEST_VALUE}"
        )
    if len(data) + sum(len(key) + len(value) for key, value in attributes.items()) > MOST_MESSAGE:
        raise ApiError(400, f"a message has at most {MOST_MESSAGE} octets")


def decoded(text: object) -> bytes:
    """Return the octets of base64 in either alphabet."""
    if not isinstance(text, str):
        raise ApiError(400, "data must be a string")
    try:
        return base64.b64decode(text.translate({0x2D: "+", 0x5F: "/"}), validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(400, "data is not base64") from None


def message_resource(message: Published) -> dict[str, object]:
    """Return a message as a subscriber gets it; what is empty is left out."""
    resource = {
        "data": base64.b64encode(message.data).decode(),
        "attributes": dict(message.attributes),
        "messageId": message.message_id,
        "publishTime": rfc3339(datetime.fromtimestamp(message.published, UTC)),
        "orderingKey": message.ordering_key,
    }
    return {key: value for key, value in resource.items() if value}


def ack_ids(body: Mapping[str, Any]) -> list[str]:
    """Return the ack IDs of a request."""
    found = body.get("ackIds")
    if not isinstance(found, list) or not found or not all(isinstance(each, str) for each in found):
        raise ApiError(400, "ackIds must name at least one message")
    if sum(map(len, found)) > MOST_ACKS:
        raise ApiError(400, f"a request has at most {MOST_ACKS} octets of ack IDs")
    return found


def number(body: Mapping[str, Any], key: str, least: int, most: int, default: int | None = None) -> int:
    """Return an integer of a request; 64-bit integers may be strings."""
    value = body.get(key, default)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ApiError(400, f"{key} must be a number from {least} to {most}")
    return value


def seconds(text: object, least: float, most: float, key: str) -> float:
    """Return a duration such as ``600s``."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)s", text) if isinstance(text, str) else None
    if found is None or not least <= float(found[1]) <= most:
        raise ApiError(400, f"{key} must be a duration from {least:g}s to {most:g}s")
    return float(found[1])


def terms_of(body: Mapping[str, Any]) -> Terms:
    """Return the terms of a subscription; raises ApiError if its resource is not valid or not supported here."""
    if any(body.get(key) for key in UNSUPPORTED):
        raise ApiError(501, f"{', '.join(sorted(UNSUPPORTED))} are not supported")
    if set(body) - SUBSCRIPTION_KEYS - UNSUPPORTED:
        raise ApiError(400, "the subscription has a key that is not known")
    dead, retry = body.get("deadLetterPolicy") or {}, body.get("retryPolicy") or {}
    if not isinstance(dead, dict) or not isinstance(retry, dict):
        raise ApiError(400, "deadLetterPolicy and retryPolicy must be objects")
    dead_topic = dead.get("deadLetterTopic")
    if dead and (not isinstance(dead_topic, str) or not TOPIC.match(dead_topic)):
        raise ApiError(400, "deadLetterPolicy.deadLetterTopic must name a topic")
    retention = body.get("messageRetentionDuration", "604800s")
    return Terms(
        number(body, "ackDeadlineSeconds", 0, 600, 10) or 10,
        seconds(retention, 600, 31 * 86400, "messageRetentionDuration"),
        dead_topic,
        number(dead, "maxDeliveryAttempts", 5, 100, 5),
        seconds(retry.get("minimumBackoff", "0s"), 0, 600, "retryPolicy.minimumBackoff"),
    )
