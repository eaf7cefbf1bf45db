"""Request and replies of messages:ingest."""

import json
from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.control_id import asked
from adapters.rest.http.reply import MOST_NODES as USUAL_NODES
from adapters.rest.http.reply import Reply
from adapters.rest.ingest import (
    MOST_NODES,
    NODES_PER_OCTET,
    ingest_body,
    ingest_outcome,
    ingested_name,
    labels_json,
    nodes_for,
)
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.rest.acknowledgements import ACKNOWLEDGEMENTS, ASKED, STORED, Answer

ACK = b"MSH|^~\\&|S|A|P|B|20240501||ACK^A01^ACK|1|P|2.5\rMSA|AA|42\rZZZ|\xbe\xff\xfb\xef\xbe\r"
NACK = ACK.replace(b"AA", b"AE")
UNREAD = Unavailable("the store's acknowledgement cannot be read", maybe_stored=True)
FOUND = "the store found an error in the message"
REFUSED = Refused(FOUND, code="207")
INVALID = Refused(f"the store said INVALID_ARGUMENT; {FOUND}", code="207")


def nacked(nack: bytes) -> Refused:
    """Return the outcome that carries *nack*."""
    return Refused("the store answered with the acknowledgement code AE", reply=nack, code="207")


def base64(message: bytes) -> str:
    """Encode as JSON bytes."""
    return b64encode(message).decode()


def error(details: object, **more: object) -> object:
    """Return an error body as the Cloud Healthcare API makes them."""
    return {"error": {"code": 400, "message": "invalid", "status": "INVALID_ARGUMENT", "details": details, **more}}


NACK_DETAIL = {"@type": "type.googleapis.com/google.cloud.healthcare.v1.IngestMessageErrorDetail"} | {
    "hl7Nack": base64(NACK)
}
OTHER_DETAIL = {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"url": "https://example.org"}]}

REPLIES: dict[str, tuple[int, object, Outcome]] = {
    "an ACK": (200, {"hl7Ack": base64(ACK), "message": {"name": "x"}}, Stored(reply=ACK)),
    "an ACK in the other alphabet": (200, {"hl7Ack": urlsafe_b64encode(ACK).decode()}, Stored(reply=ACK)),
    "an ACK without padding": (200, {"hl7Ack": base64(ACK).rstrip("=")}, Stored(reply=ACK)),
    "200 with a NACK": (200, {"hl7Ack": base64(NACK)}, nacked(NACK)),
    "200 without an ACK": (200, {"message": {}}, UNREAD),
    "200 with an empty ACK": (200, {"hl7Ack": ""}, UNREAD),
    "200 with an ACK that is no HL7": (200, {"hl7Ack": base64(b"OK")}, UNREAD),
    "200 with an ACK that is no text": (200, {"hl7Ack": 1}, UNREAD),
    "200 with an ACK that is no base64": (200, {"hl7Ack": "\u00e9?"}, UNREAD),
    "200 with an array": (200, [], UNREAD),
    "200 with an error": (200, error([]), UNREAD),
    "200 with an error that holds a NACK": (200, error([NACK_DETAIL]), nacked(NACK)),
    "200 with an ACK beside an error": (200, {"hl7Ack": base64(ACK), "error": {"code": 13}}, UNREAD),
    "200 with a NACK beside an error": (200, {"hl7Ack": base64(NACK), "error": {"code": 13}}, nacked(NACK)),
    "an error with a NACK": (400, error([NACK_DETAIL]), nacked(NACK)),
    "a NACK after another detail": (400, error([OTHER_DETAIL, NACK_DETAIL]), nacked(NACK)),
    "a NACK one level down": (400, error([{"value": NACK_DETAIL}]), nacked(NACK)),
    "details that are one object": (400, error(NACK_DETAIL), nacked(NACK)),
    "an array of errors": (400, [error([NACK_DETAIL])], nacked(NACK)),
    "a NACK with another status": (500, error([NACK_DETAIL]), nacked(NACK)),
    "a NACK that is an ACK": (400, error([{"hl7Nack": base64(ACK)}]), INVALID),
    "a NACK that cannot be read": (400, error([{"hl7Nack": "!"}]), INVALID),
    "an error without details": (400, {"error": {"code": 400}}, REFUSED),
    "an error that is a text": (
        400,
        {"error": "invalid_grant"},
        Refused(f"the store said invalid_grant; {FOUND}", code="207"),
    ),
    "another success": (204, {}, Unavailable("the store gave no usable answer (HTTP 204)", maybe_stored=True)),
    "no permission": (
        403,
        error([]),
        Unavailable("the store said INVALID_ARGUMENT; the store does not permit this to the credentials (HTTP 403)"),
    ),
}


@pytest.mark.parametrize(("status", "value", "expected"), REPLIES.values(), ids=REPLIES)
def test_reply(status: int, value: object, expected: Outcome) -> None:
    """An acknowledgement is relayed byte for byte or not at all; without one the status decides."""
    assert expected == ingest_outcome(Reply(status, {}, json.dumps(value).encode()))


@pytest.mark.parametrize("body", [b"", b"<!DOCTYPE html><html>", b"OK", ACK])
def test_success_that_is_no_json(body: bytes) -> None:
    """A 200 of something else than the store is no acknowledgement."""
    assert UNREAD == ingest_outcome(Reply(200, {}, body))


@pytest.mark.parametrize(
    ("octets", "values"),
    [(0, USUAL_NODES), (1000, USUAL_NODES + 1000 * NODES_PER_OCTET), (16 << 20, MOST_NODES)],
)
def test_values_for_a_message(octets: int, values: int) -> None:
    """The number of values that a reply may have depends on the length of the message."""
    assert values == nodes_for(bytes(octets))


@pytest.mark.parametrize(("more", "expected"), [(-10, Stored(reply=ACK)), (10, UNREAD)])
def test_values_of_a_reply(more: int, expected: Outcome) -> None:
    """A reply of more values than belong to the message is no acknowledgement."""
    values = [0] * (1000 + more)
    body = json.dumps({"hl7Ack": b64encode(ACK).decode(), "message": values}).encode()
    assert expected == ingest_outcome(Reply(200, {}, body), most_nodes=1000)


def test_request() -> None:
    """The request holds the message as JSON bytes."""
    assert {"message": {"data": base64(ACK)}} == json.loads(ingest_body(ACK))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(base64(NACK)),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["error", "details", "hl7Nack", "hl7Ack", "message", "x"]), inner)
    ),
)


@given(st.sampled_from([200, 400, 500]), JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
def test_never_raises_and_never_invents(status: int, body: bytes) -> None:
    """Whatever the store sends, it is no success without an ACK."""
    outcome = ingest_outcome(Reply(status, {}, body))
    assert not isinstance(outcome, Stored)


OF_THE_STORE = {name: answer for name, answer in ACKNOWLEDGEMENTS.items() if answer.body.startswith(b"MSH")}


@pytest.mark.parametrize("answer", OF_THE_STORE.values(), ids=OF_THE_STORE)
def test_acknowledgement(answer: Answer) -> None:
    """In an answer of the API each of them means the same as in that of any endpoint."""
    text = b64encode(answer.body).decode()
    error = {"error": {"code": answer.status, "details": [{"hl7Nack": text}]}}
    value = {"hl7Ack": text} if answer.status == 200 else error
    outcome = ingest_outcome(Reply(answer.status, {}, json.dumps(value).encode()), asked(ASKED, "whole"))
    means = STORED if isinstance(outcome, Stored) else outcome.outlook
    # The API has a place of its own for each of the two: a positive one in an error is none.
    assert means == answer.means or (answer.status != 200 and b"MSA|AA" in answer.body)


def test_labels() -> None:
    """The message carries its labels; without any, the request has none."""
    labelled = json.loads(ingest_body(b"MSH|", labels_json({"hilum": "ward-3"})))
    assert {"message": {"data": "TVNIfA==", "labels": {"hilum": "ward-3"}}} == labelled
    assert {"message": {"data": "TVNIfA=="}} == json.loads(ingest_body(b"MSH|", labels_json({})))


NAMES: dict[str, tuple[int, bytes, str | None]] = {
    "named": (200, b'{"hl7Ack": "", "message": {"name": "projects/p/x"}}', "projects/p/x"),
    "no message": (200, b'{"hl7Ack": ""}', None),
    "no text": (200, b'{"message": {"name": 5}}', None),
    "no object": (200, b'{"message": []}', None),
    "long": (200, b'{"message": {"name": "' + b"x" * 2000 + b'"}}', None),
    "not stored": (400, b'{"message": {"name": "projects/p/x"}}', None),
    "no JSON": (200, b"<html>", None),
}


@pytest.mark.parametrize(("status", "body", "name"), NAMES.values(), ids=NAMES)
def test_ingested_name(status: int, body: bytes, name: str | None) -> None:
    """The name that the store gives to a message is read, if there is one."""
    assert name == ingested_name(Reply(status, {}, body))
