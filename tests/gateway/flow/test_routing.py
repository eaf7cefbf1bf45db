"""Facts to destinations."""

from collections.abc import Mapping, Sequence

import pytest

from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.flow.routing import Route, Router
from tests.gateway.fakes import make_message

ADT = {"message_type": "ADT^A01", "sending_facility": "NORTH"}

MATCHES: dict[str, tuple[Mapping[str, Sequence[str]], bool]] = {
    "an empty when takes everything": ({}, True),
    "an equal fact": ({"message_type": ["ADT^A01"]}, True),
    "another value": ({"message_type": ["ADT^A02"]}, False),
    "a pattern": ({"message_type": ["ADT^*"]}, True),
    "one of several": ({"message_type": ["ORU^*", "ADT^*"]}, True),
    "every pair must match": ({"message_type": ["ADT^*"], "sending_facility": ["SOUTH"]}, False),
    "an absent fact never matches": ({"version": ["*"]}, False),
    "case matters": ({"sending_facility": ["north"]}, False),
}


@pytest.mark.parametrize(("when", "expected"), MATCHES.values(), ids=MATCHES)
def test_matches(when: Mapping[str, Sequence[str]], expected: bool) -> None:
    """A route matches when each of its facts matches one of its patterns."""

    async def nowhere(_: Message) -> Outcome:
        return Stored()

    assert expected == Route(when, nowhere).matches(ADT)


def to(reply: bytes) -> Route:
    """Return a route for everything whose outcome tells it apart."""

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
