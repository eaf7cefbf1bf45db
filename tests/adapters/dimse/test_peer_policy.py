"""The limits and settings that apply to each peer."""

from typing import Any

import pytest

from adapters.dimse.peer_policy import PeerPolicies
from adapters.dimse.settings import DimseListenerSettings
from gateway.limits.shared import ProcessLimits
from tests.adapters.dimse.raw_peer import CT

PEERS: dict[str, dict[str, Any]] = {
    "ct": {"networks": ["10.1.0.0/16"], "calling_ae_titles": ["CT1", "CT2"], "sop_classes": [CT], "max_connections": 2},
    "by title": {"calling_ae_titles": ["CT1"], "idle_seconds": 5},
    "by network": {"networks": ["10.0.0.0/8"], "messages_per_second": 3},
}
SETTINGS = DimseListenerSettings.model_validate({"port": 0, "window_bytes": 99999, "peers": PEERS})

# Address and title, and the entry, idle_seconds, most connections, SOP classes and whether messages are counted.
PEER: dict[str, tuple[str, str | None, str, float, int | None, set[str] | None, bool]] = {
    "both match": ("10.1.0.1", "CT2", "ct", 600, 2, {CT}, False),
    "the title alone": ("192.0.2.1", "CT1", "by title", 5, None, None, False),
    "the network alone": ("10.1.0.1", "MR1", "by network", 600, None, None, True),
    "before the title is known": ("10.1.0.1", None, "by network", 600, None, None, True),
    "neither": ("192.0.2.1", "MR1", "", 600, None, None, False),
}


@pytest.mark.parametrize(
    ("peer", "title", "entry", "idle", "most", "sop_classes", "rate_limited"), PEER.values(), ids=PEER
)
def test_of(
    peer: str,
    title: str | None,
    entry: str,
    idle: float,
    most: int | None,
    sop_classes: set[str] | None,
    rate_limited: bool,
) -> None:
    """The first entry that a peer belongs to replaces what it names, and nothing else."""
    peer_policy = PeerPolicies(SETTINGS, ProcessLimits(1 << 20)).of(peer, title)
    assert (entry, idle, most, sop_classes, rate_limited, 99999) == (
        peer_policy.entry,
        peer_policy.settings.idle_seconds,
        peer_policy.most,
        peer_policy.policy.sop_classes,
        peer_policy.rate_limit is not None,
        peer_policy.settings.window_bytes,
    )
