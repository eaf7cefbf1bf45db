"""The limits and settings that apply to each peer."""

from typing import Any

import pytest

from adapters.mllp.exchange import Exchange
from adapters.mllp.peer_policy import NO_ROOM, PeerPolicies, shed
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.limits.shared import ProcessLimits
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter

PEERS: dict[str, dict[str, Any]] = {
    "lab": {"networks": ["10.1.0.0/16"], "charset": "8859/1", "max_connections": 3, "messages_per_second": 2},
    "rest of the house": {"networks": ["10.0.0.0/8", "fd00::/8"], "when_unavailable": "close", "charset": None},
}
SETTINGS = MllpListenerSettings.model_validate(
    {"kind": "mllp", "port": 0, "charset": "UNICODE UTF-8", "idle_seconds": 77, "peers": PEERS}
)


def book() -> PeerPolicies:
    """Return the policies that SETTINGS give."""
    delivery, meter = FakeDelivery(), FakeMeter()
    return PeerPolicies(
        SETTINGS,
        delivery,
        lambda settings, deliver: Exchange("adt", settings, deliver, meter, lambda: "X"),
        ProcessLimits(1 << 20),
    )


@pytest.mark.parametrize(
    ("peer", "entry", "charset", "when_unavailable", "most", "rate_limited"),
    [
        ("10.1.2.3", "lab", "8859/1", "answer", 3, True),
        ("10.2.0.1", "rest of the house", None, "close", None, False),
        ("fd00::1", "rest of the house", None, "close", None, False),
        ("192.0.2.1", "", "UNICODE UTF-8", "answer", None, False),
    ],
    ids=["first match", "second", "IPv6", "no entry"],
)
async def test_of(
    peer: str, entry: str, charset: str | None, when_unavailable: str, most: int | None, rate_limited: bool
) -> None:
    """The first entry that a peer belongs to replaces what it names, and nothing else."""
    peer_policy = book().of(peer)
    assert (entry, charset, when_unavailable, most, rate_limited, 77) == (
        peer_policy.entry,
        peer_policy.settings.charset,
        peer_policy.settings.when_unavailable,
        peer_policy.most,
        peer_policy.rate_limit is not None,
        peer_policy.settings.idle_seconds,
    )


async def test_resolved_once() -> None:
    """Two connections of one entry share its policy."""
    peer_policy = book()
    assert peer_policy.of("10.1.0.1") is peer_policy.of("10.1.0.2")


async def test_shed() -> None:
    """Nothing is delivered when there is no room."""
    assert NO_ROOM == await shed(Message("m", WholeBody(b""), {}, {}))
