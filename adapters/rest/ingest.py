"""``messages:ingest`` of the Cloud Healthcare API: its request and its replies.

POST {store}/messages:ingest     {"message": {"data": base64}}
200                              {"hl7Ack": base64, "message": {...}}
an error with a NACK             {"error": {"code": 400, ..., "details": [{"@type": ..., "hl7Nack": base64}]}}
"""

import binascii
from base64 import b64encode
from collections.abc import Iterator

from adapters.rest.http.reply import MOST_NODES as USUAL_NODES
from adapters.rest.http.reply import Reply, read_json
from adapters.rest.verdict.acknowledgement import read_acknowledgement
from adapters.rest.verdict.answers import BY_DEFAULT, Answers
from adapters.rest.verdict.control_id import ANYTHING, Asked
from adapters.rest.verdict.outcomes import hl7_outcome
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

HEADERS = {"Content-Type": "application/json; charset=utf-8", "X-GOOG-API-FORMAT-VERSION": "2"}

UNREADABLE = Unavailable("the store's acknowledgement cannot be read", maybe_stored=True, outlook=Outlook.DOUBTFUL)
NODES_PER_OCTET = 4
"""JSON values allowed for each octet of the message: the reply may repeat the message parsed into fields, twice."""
MOST_NODES = 1_000_000
"""Most JSON values in a reply, however long the message is."""


def ingest_body(message: bytes) -> bytes:
    """Return the request body that ingests *message*."""
    return b'{"message":{"data":"' + b64encode(message) + b'"}}'


def nodes_for(message: bytes) -> int:
    """Return how many JSON values the reply to *message* may have: parsing is one call, which blocks all threads."""
    return min(USUAL_NODES + NODES_PER_OCTET * len(message), MOST_NODES)


def ingest_outcome(
    reply: Reply, question: Asked = ANYTHING, answers: Answers = BY_DEFAULT, most_nodes: int = MOST_NODES
) -> Outcome:
    """Return what *reply* to *question* means for the message. Never raises, and never invents an acknowledgement."""
    # The reply repeats the whole message beside the acknowledgement, so the limit is the length of the body.
    value = read_json(reply.body, len(reply.body), most_nodes)
    nacks = (_decode(text, question, answers) for text in _nacks(value))
    nack = next((nack for nack in nacks if isinstance(nack, Refused)), None)
    if nack is not None or reply.status != 200:
        return nack or hl7_outcome(reply, answers)
    acknowledged = _decode(value.get("hl7Ack"), question, answers) if isinstance(value, dict) else None
    # A positive acknowledgement beside an error is no evidence.
    contradicts = isinstance(acknowledged, Stored) and isinstance(value, dict) and value.get("error")
    return acknowledged if acknowledged and not contradicts else UNREADABLE


def _decode(text: object, question: Asked, answers: Answers) -> Outcome | None:
    if not isinstance(text, str):
        return None
    try:
        # Both alphabets of RFC 4648 and any padding are JSON bytes (Protocol Buffers, JSON mapping).
        octets = binascii.a2b_base64(text.translate({45: 43, 95: 47}).rstrip("=") + "==", strict_mode=False)
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
