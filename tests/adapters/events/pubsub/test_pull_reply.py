"""Requests to Pub/Sub and its replies."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.events.pubsub.pull_reply import (
    MOST_ACKS,
    NO_NAME,
    Notification,
    Terms,
    ack_requests,
    pull_body,
    read_pull,
    read_terms,
)
from gateway.contract.outcome import Unavailable


def pulled(*received: object) -> bytes:
    """Return the body of a reply to a pull."""
    return json.dumps({"receivedMessages": list(received)}).encode()


def received(ack_id: str, data: bytes) -> dict[str, object]:
    """Return a message of a reply."""
    return {"ackId": ack_id, "message": {"data": base64.b64encode(data).decode(), "attributes": {"msgType": "ORU"}}}


def test_pull() -> None:
    """Names are read; no more is asked for than a hundred."""
    assert [Notification("1", "name")] == read_pull(pulled(received("1", b"name")))
    assert [] == read_pull(b"{}")
    assert [{"maxMessages": 7}, {"maxMessages": 100}] == [json.loads(pull_body(most)) for most in (7, 5000)]


VERSIONS: dict[str, tuple[object, str]] = {
    "said": ({"versionId": "MTc"}, "MTc"),
    "not said": ({}, ""),
    "no text": ({"versionId": 5}, ""),
    "too long": ({"versionId": "x" * 65}, ""),
    "no attributes": (None, ""),
}


@pytest.mark.parametrize(("attributes", "version"), VERSIONS.values(), ids=VERSIONS)
def test_version(attributes: object, version: str) -> None:
    """The version of the resource is read where the store says it."""
    message = {"data": base64.b64encode(b"name").decode(), "attributes": attributes}
    assert [Notification("1", "name", version)] == read_pull(pulled({"ackId": "1", "message": message}))


NAMELESS = {
    "no data": {"ackId": "1", "message": {"attributes": {}}},
    "no message": {"ackId": "1"},
    "not ASCII": received("1", b"\xff"),
    "a resource": received("1", b"x" * 3000),
    "no base64": {"ackId": "1", "message": {"data": "a"}},
}


@pytest.mark.parametrize("message", NAMELESS.values(), ids=NAMELESS)
def test_nameless(message: object) -> None:
    """A message that no store would send has no name, and can be acknowledged."""
    assert [Notification("1", NO_NAME)] == read_pull(pulled(message))


WRONG = {
    "no JSON": b"<html>",
    "an array": b"[]",
    "no list": b'{"receivedMessages": {}}',
    "no ack ID": pulled({"message": {}}),
    "an empty ack ID": pulled(received("", b"")),
    "a long ack ID": pulled(received("x" * 5000, b"")),
    "an entry that is no object": pulled("x"),
    "too many": pulled(*[received("1", b"x")] * 101),
    "a bomb": b"[" * 100_000,
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_wrong(body: bytes) -> None:
    """A reply that cannot be read is none."""
    assert isinstance(read_pull(body), Unavailable)


@given(st.binary(max_size=200))
def test_never_raises(body: bytes) -> None:
    """Whatever comes, it is read or not, without an error."""
    read_pull(body)
    read_terms(body)


@given(st.lists(st.integers(1, 4000), max_size=300))
def test_portions(sizes: list[int]) -> None:
    """All ack IDs are in the requests, in their order, in portions that Pub/Sub takes."""
    ids = ["x" * size for size in sizes]
    found = list(ack_requests(ids, 60))
    assert ids == [each for body, _ in found for each in json.loads(body)["ackIds"]]
    assert all(len(body) <= 512 * 1024 for body, _ in found)
    assert [len(json.loads(body)["ackIds"]) for body, _ in found] == [count for _, count in found]
    assert MOST_ACKS < 512 * 1024


TERMS = {
    "plain": ({"ackDeadlineSeconds": 30}, Terms(30, None)),
    "dead letters": ({"deadLetterPolicy": {"maxDeliveryAttempts": 7}}, Terms(10, 7)),
    "dead letters by default": ({"deadLetterPolicy": {"deadLetterTopic": "projects/p/topics/dead"}}, Terms(10, 5)),
    "pushed": ({"pushConfig": {"pushEndpoint": "https://x"}}, Terms(10, None, is_pushed=True)),
    "nonsense": ({"ackDeadlineSeconds": "x", "deadLetterPolicy": 5, "pushConfig": {}}, Terms(10, None)),
}


@pytest.mark.parametrize(("resource", "terms"), TERMS.values(), ids=TERMS)
def test_terms(resource: dict[str, object], terms: Terms) -> None:
    """The settings of a subscription that matter to who pulls."""
    assert terms == read_terms(json.dumps(resource).encode())


def test_no_terms() -> None:
    """What is no resource has no terms."""
    assert isinstance(read_terms(b"[]"), Unavailable)
