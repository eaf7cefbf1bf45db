"""``messages:ingest`` of the Cloud Healthcare API: its request and its replies.

POST {store}/messages:ingest     {"message": {"data": base64, "labels": {...}}}
200                              {"hl7Ack": base64, "message": {...}}
an error with a NACK             {"error": {"code": 400, ..., "details": [{"@type": ..., "hl7Nack": base64}]}}
"""

import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from adapters.hl7.control_id import ANYTHING, Asked
from adapters.rest.http.reply import MOST_NODES as USUAL_NODES
from adapters.rest.http.reply import Reply, read_json
from adapters.rest.verdict.acknowledgement import read_acknowledgement
from adapters.rest.verdict.answers import BY_DEFAULT, Answers
from adapters.rest.verdict.diagnoses import diagnose_reply
from adapters.rest.verdict.outcomes import hl7_outcome
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

HEADERS = {"Content-Type": "application/json; charset=utf-8", "X-GOOG-API-FORMAT-VERSION": "2"}

UNREADABLE = Unavailable(
    "the store's acknowledgement cannot be read",
    maybe_stored=True,
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.OTHER_CONTENT),
)
URL_SAFE = str.maketrans("-_", "+/")
NODES_PER_OCTET = 4
"""JSON values allowed for each octet of the message: the reply may repeat the message parsed into fields, twice."""
LONGEST_NAME = 1024
MOST_NODES = 1_000_000
"""Most JSON values in a reply, however long the message is."""


def labels_json(labels: Mapping[str, str]) -> bytes:
    """Return the part of a request body that labels its message; empty without labels."""
    return b',"labels":' + json.dumps(labels, separators=(",", ":")).encode() if labels else b""


def ingest_body(message: bytes, labels: bytes = b"") -> bytes:
    """Return the request body that ingests *message*, with *labels* as `labels_json` makes them."""
    return b'{"message":{"data":"%b"%b}}' % (binascii.b2a_base64(message, newline=False), labels)


def ingested_name(reply: Reply) -> str | None:
    """Return the name that the store has given to the message, if *reply* has it. Never raises."""
    value = read_json(reply.body, len(reply.body), MOST_NODES) if reply.status == 200 else None
    message = value.get("message") if isinstance(value, dict) else None
    name = message.get("name") if isinstance(message, dict) else None
    return name if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME else None


def nodes_for(message: bytes) -> int:
    """Return how many JSON values the reply to *message* may have: parsing is one call, which blocks all threads."""
    return min(USUAL_NODES + NODES_PER_OCTET * len(message), MOST_NODES)


def ingest_outcome(
    reply: Reply, question: Asked = ANYTHING, answers: Answers = BY_DEFAULT, most_nodes: int = MOST_NODES
) -> Outcome:
    """Return what *reply* to *question* means for the message. Never raises, and never invents an acknowledgement."""
    # The reply repeats the whole message beside the acknowledgement, so the limit is the length of the body.
    value = read_json(reply.body, len(reply.body), most_nodes)
    if reply.status == 200 and isinstance(value, dict) and "error" not in value:
        return _decode(value.get("hl7Ack"), question, answers) or _unread(reply)
    nacks = (_decode(text, question, answers) for text in _nacks(value))
    nack = next((nack for nack in nacks if isinstance(nack, Refused)), None)
    if nack is not None or reply.status != 200:
        return nack or hl7_outcome(reply, answers)
    acknowledged = _decode(value.get("hl7Ack"), question, answers) if isinstance(value, dict) else None
    # A positive acknowledgement beside an error is no evidence.
    contradicts = isinstance(acknowledged, Stored) and isinstance(value, dict) and value.get("error")
    return acknowledged if acknowledged and not contradicts else _unread(reply)


def _unread(reply: Reply) -> Unavailable:
    return replace(UNREADABLE, diagnosis=diagnose_reply(reply))


def _decode(text: object, question: Asked, answers: Answers) -> Outcome | None:
    if not isinstance(text, str):
        return None
    try:
        # Both alphabets of RFC 4648 and any padding are JSON bytes (Protocol Buffers, JSON mapping).
        if "-" in text or "_" in text:
            text = text.translate(URL_SAFE)
        octets = binascii.a2b_base64(text.rstrip("=") + "==", strict_mode=False)
    except ValueError:
        return None
    return read_acknowledgement(octets, question, answers)


def _nacks(value: object) -> Iterator[object]:
    """Yield each ``hl7Nack`` of an error, directly in a detail or one level below it."""
    for answer in value if isinstance(value, list) else [value]:
        error = answer.get("error") if isinstance(answer, dict) else None
        details = error.get("details") if isinstance(error, dict) else None
        for detail in details if isinstance(details, list) else [details]:
            if isinstance(detail, dict):
                yield detail.get("hl7Nack")
                yield from (inner.get("hl7Nack") for inner in detail.values() if isinstance(inner, dict))
