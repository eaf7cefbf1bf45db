"""Routing by facts and fields."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.flow.routing import Route, Router
from tests.gateway.fakes import make_message

ADT = {"message_type": "ADT^A01", "sending_facility": "NORTH", "peer_ip": "10.0.0.5"}

MATCHES: dict[str, tuple[Mapping[str, Sequence[str]], bool]] = {
    "an empty when takes everything": ({}, True),
    "an equal fact": ({"message_type": ["ADT^A01"]}, True),
    "another value": ({"message_type": ["ADT^A02"]}, False),
    "a pattern": ({"message_type": ["ADT^*"]}, True),
    "one of several": ({"message_type": ["ORU^*", "ADT^*"]}, True),
    "every pair must match": ({"message_type": ["ADT^*"], "sending_facility": ["SOUTH"]}, False),
    "an absent fact never matches": ({"version": ["*"]}, False),
    "case matters": ({"sending_facility": ["north"]}, False),
    "a question mark is itself": ({"message_type": ["ADT^A0?"]}, False),
    "a bracket is itself": ({"message_type": ["ADT^A0[1-4]"]}, False),
    "a network": ({"peer_ip": ["192.168.0.0/16", "10.0.0.0/8"]}, True),
    "another network": ({"peer_ip": ["10.1.0.0/16"]}, False),
    "an address in another form": ({"peer_ip": ["::ffff:10.0.0.5"]}, True),
    "a part of an address": ({"peer_ip": ["10.0.*"]}, True),
}


@pytest.mark.parametrize(("when", "expected"), MATCHES.values(), ids=MATCHES)
def test_matches(when: Mapping[str, Sequence[str]], expected: bool) -> None:
    """A route matches when each of its facts matches one of its patterns."""

    async def nowhere(_: Message) -> Outcome:
        return Stored()

    assert expected == Route(when, nowhere).matches(ADT)


def to(reply: bytes) -> Route:
    """Return a route that takes every message and has an outcome of its own."""

    async def deliver(_: Message) -> Outcome:
        return Stored(reply)

    return Route({}, deliver)


async def test_first_route_wins() -> None:
    """Of two routes that match, the first is taken."""
    assert await Router([to(b"first"), to(b"second")])(make_message()) == Stored(b"first")


async def test_no_route() -> None:
    """A message that no route takes is refused as unsupported."""
    outcome = await Router([])(make_message())
    assert isinstance(outcome, Refused)
    assert outcome.unsupported


async def test_no_route_is_a_warning() -> None:
    """The log line for an unrouted message has its identifiers and the AE titles, and no other fact."""
    facts = {"listener": "ct", "calling_ae_title": "CT1", "called_ae_title": "HILUM", "message_type": "DOE^JANE"}
    with capture_logs() as logs:
        await Router([])(replace(make_message(b"MSH", **facts), connection="10.0.0.1:5"))
    assert [
        {
            "event": "message_not_routed",
            "log_level": "warning",
            "listener": "ct",
            "peer": "10.0.0.1:5",
            "message_id": "m1",
            "control_id": "C1",
            "calling_ae_title": "CT1",
            "called_ae_title": "HILUM",
            "reason": "no route takes this kind of message",
        }
    ] == logs


class Fields:
    """Reads what the test has set, and remembers how often it was asked."""

    def __init__(self, **found: str) -> None:
        self.found = found
        self.asked = 0

    async def __call__(self, message: Message) -> tuple[Mapping[str, str], Message]:
        """Return the message with a mark, as one whose body was begun."""
        self.asked += 1
        return self.found, replace(message, charset="begun")


async def test_fields() -> None:
    """A route that asks for fields takes what has them; the message goes on as the reader gives it back."""
    seen: list[str | None] = []

    async def deliver(message: Message) -> Outcome:
        seen.append(message.charset)
        return Stored()

    inpatients = Route({"message_type": ["ADT^*"]}, deliver, fields={"PV1-2": ["I"]})
    read = Fields(**{"PV1-2": "I"})
    assert Stored() == await Router([inpatients], read)(make_message(message_type="ADT^A01"))
    assert Refused("no route takes this kind of message", unsupported=True) == await Router(
        [inpatients], Fields(**{"PV1-2": "O"})
    )(make_message(message_type="ADT^A01"))
    assert ["begun"] == seen


async def test_fields_are_read_once_and_only_when_asked() -> None:
    """Nothing is read for a message that matches a route before by its facts; else once for all routes."""
    read = Fields(other="x")
    routes = [
        Route({"sending_facility": ["NORTH"]}, to(b"north").to),
        Route({}, to(b"one").to, fields={"PV1-2": ["I"]}),
        Route({}, to(b"two").to, fields={"other": ["y"]}),
        to(b"rest"),
    ]
    assert Stored(b"north") == await Router(routes, read)(make_message(sending_facility="NORTH"))
    assert 0 == read.asked
    assert Stored(b"rest") == await Router(routes, read)(make_message())
    assert 1 == read.asked


async def test_steps_of_the_route() -> None:
    """The message carries the names of its route's steps, and nothing where there are none."""
    seen: list[tuple[str, ...]] = []

    async def deliver(message: Message) -> Outcome:
        seen.append(message.via)
        return Stored()

    for via in ((), ("tidy", "check")):
        await Router([Route({}, deliver, via)])(make_message())
    assert [(), ("tidy", "check")] == seen
