"""The replies of HL7v2 stores: an acknowledgement is relayed or there is none; it is never made up."""

import json
from base64 import b64encode

from adapters.rest.http.reply import Reply
from adapters.rest.http_post import post_outcome
from adapters.rest.ingest import ingest_body, ingest_outcome
from adapters.rest.verdict.acknowledgement import find_hl7, read_acknowledgement
from gateway.contract.outcome import Outcome, Refused, Stored
from tests.fuzz.source import Source

STATUSES = (200, 202, 204, 301, 400, 401, 404, 409, 413, 429, 500, 503)


def target(data: bytes) -> None:
    """Read the octets as the body of a reply, and as the acknowledgement inside one."""
    source = Source(data)
    status = source.choice(STATUSES)
    body = source.rest()
    for read in (ingest_outcome, post_outcome):
        _check(read(Reply(status, {}, body)), status)
    posted = post_outcome(Reply(status, {}, body))
    message = find_hl7(body)
    assert not isinstance(posted, Stored) or posted.reply is None or posted.reply == message
    _check_carried(body)
    assert json.loads(ingest_body(body))["message"]["data"] == b64encode(body).decode()


def _check(outcome: Outcome, status: int) -> None:
    if isinstance(outcome, Stored):
        assert 200 <= status < 300
        assert outcome.reply is None or b"MSA" in outcome.reply
    if isinstance(outcome, Refused) and outcome.reply is not None:
        assert b"MSA" in outcome.reply


def _check_carried(acknowledgement: bytes) -> None:
    """Carry the octets as a store does: the outcome is what they say, or none at all."""
    said = read_acknowledgement(acknowledgement)
    carried = json.dumps({"hl7Ack": b64encode(acknowledgement).decode()}).encode()
    outcome = ingest_outcome(Reply(200, {}, carried))
    assert outcome == said if said is not None else not isinstance(outcome, Stored | Refused)
    nack = {"error": {"details": [{"hl7Nack": b64encode(acknowledgement).decode()}]}}
    outcome = ingest_outcome(Reply(400, {}, json.dumps(nack).encode()))
    assert not isinstance(outcome, Stored)
    if isinstance(said, Refused):
        assert outcome == said
