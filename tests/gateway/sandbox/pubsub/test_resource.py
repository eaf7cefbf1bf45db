"""The JSON of Pub/Sub and its limits."""

import base64

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.pubsub.broker import Published, Terms
from gateway.sandbox.pubsub.resource import MOST_ACKS, MOST_MESSAGE, ack_ids, message_resource, read_message, terms_of


def test_terms() -> None:
    """The terms of a subscription, from all that it may set."""
    body = {
        "ackDeadlineSeconds": 600,
        "messageRetentionDuration": "600s",
        "deadLetterPolicy": {"deadLetterTopic": "projects/p/topics/dead", "maxDeliveryAttempts": 7},
        "retryPolicy": {"minimumBackoff": "2.5s"},
    }
    assert Terms(600, 600, "projects/p/topics/dead", 7, 2.5) == terms_of(body)
    assert Terms() == terms_of({})


WRONG_TERMS: dict[str, tuple[dict[str, object], int]] = {
    "a short retention": ({"messageRetentionDuration": "599s"}, 400),
    "a long retention": ({"messageRetentionDuration": "2678401s"}, 400),
    "a retention that is no duration": ({"messageRetentionDuration": 600}, 400),
    "a long deadline": ({"ackDeadlineSeconds": 601}, 400),
    "few attempts": (
        {"deadLetterPolicy": {"deadLetterTopic": "projects/p/topics/dead", "maxDeliveryAttempts": 4}},
        400,
    ),
    "a dead letter topic without a name": ({"deadLetterPolicy": {"maxDeliveryAttempts": 5}}, 400),
    "an unknown key": ({"ackDeadline": 10}, 400),
    "ordering": ({"enableMessageOrdering": True}, 501),
    "a policy that is no object": ({"retryPolicy": [1]}, 400),
}


@pytest.mark.parametrize(("body", "status"), WRONG_TERMS.values(), ids=WRONG_TERMS)
def test_wrong_terms(body: dict[str, object], status: int) -> None:
    """What Google refuses is refused, and what the sandbox cannot do too."""
    with pytest.raises(ApiError) as caught:
        terms_of(body)
    assert status == caught.value.status


WRONG_MESSAGES: dict[str, object] = {
    "too large": {"data": base64.b64encode(bytes(MOST_MESSAGE + 1)).decode()},
    "no base64": {"data": "a"},
    "data is no text": {"data": 1},
    "an attribute is no text": {"data": "YQ==", "attributes": {"x": 1}},
    "too many attributes": {"attributes": {str(number): "" for number in range(101)}},
    "a long value": {"attributes": {"x": "y" * 1025}},
    "a long key": {"attributes": {"x" * 257: ""}},
    "a text": "x",
}


@pytest.mark.parametrize("message", WRONG_MESSAGES.values(), ids=WRONG_MESSAGES)
def test_wrong_messages(message: object) -> None:
    """A message beyond the limits is refused."""
    with pytest.raises(ApiError):
        read_message(message)


def test_messages() -> None:
    """Both alphabets of base64 are read; what is written leaves out what is empty."""
    assert (b"\xfb\xff", {}, "k") == read_message({"data": "-_8=", "orderingKey": "k"})
    written = message_resource(Published("1", b"a", {}, 0.0))
    assert {"data": "YQ==", "messageId": "1", "publishTime": "1970-01-01T00:00:00.000000Z"} == written


def test_acks() -> None:
    """A request has at most 512 kB of ack IDs."""
    assert ["x"] == ack_ids({"ackIds": ["x"]})
    with pytest.raises(ApiError):
        ack_ids({"ackIds": ["x" * MOST_ACKS, "y"]})
