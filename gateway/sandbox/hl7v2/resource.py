"""A message as the JSON of Google's API: what clients send, and what they get in each view."""

import base64
import binascii
from typing import Any

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2.parsed import parsed_data
from gateway.sandbox.hl7v2.store import StoredMessage

WRITABLE = {"data", "labels"}
OUTPUT_ONLY = {
    "name",
    "createTime",
    "messageType",
    "sendFacility",
    "sendTime",
    "patientIds",
    "parsedData",
    "schematizedData",
}
VIEWS = {"MESSAGE_VIEW_UNSPECIFIED", "RAW_ONLY", "PARSED_ONLY", "FULL", "BASIC"}


def read_resource(message: object) -> tuple[bytes, dict[str, str]]:
    """Return the octets and labels of a message that a client sends."""
    if not isinstance(message, dict):
        raise ApiError(400, "the message must be an object")
    check_keys(message)
    return decode(message.get("data")), labels_in(message.get("labels", {}))


def check_keys(message: dict[str, Any]) -> None:
    """Raise a 400 for a key that a message does not have."""
    if set(message) - WRITABLE - OUTPUT_ONLY:
        raise ApiError(400, "message has a key that is not known")


def decode(text: object) -> bytes:
    """Return the octets of base64 in either alphabet."""
    if not isinstance(text, str) or not text:
        raise ApiError(400, "message.data is required")
    try:
        # The JSON mapping of protocol buffers accepts the standard and the URL-safe alphabet.
        data = base64.b64decode(text.translate({0x2D: "+", 0x5F: "/"}), validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(400, "message.data is not base64") from None
    return data


def labels_in(labels: object) -> dict[str, str]:
    """Return the labels in a request; raises a 400 if they are none."""
    if isinstance(labels, dict) and all(isinstance(value, str) for value in labels.values()):
        return labels
    raise ApiError(400, "message.labels must map strings to strings")


def resource_of(message: StoredMessage, view: str) -> dict[str, Any]:
    """Return a message in a view."""
    if view == "BASIC":
        return {"name": message.name}
    resource: dict[str, Any] = {
        "name": message.name,
        "createTime": message.create_time,
        "sendTime": message.send_time,
        "sendFacility": message.send_facility,
        "messageType": message.message_type,
        "patientIds": message.patient_ids,
        "labels": message.labels,
    }
    if view != "PARSED_ONLY":
        resource["data"] = encode(message.data)
    if view != "RAW_ONLY":
        resource["parsedData"] = parsed_data(message.data)
    # Google leaves out what is empty.
    return {key: value for key, value in resource.items() if value}


def encode(octets: bytes) -> str:
    """Return octets in base64."""
    return base64.b64encode(octets).decode()
