"""What the connections of one listener share."""

import asyncio

from adapters.http.access import Access
from adapters.http.service import Service
from adapters.http.settings import HttpListenerSettings
from gateway.contract.meter import Rejection
from gateway.limits.shared import ProcessLimits
from tests.adapters.http.fakes import FakeDelivery
from tests.adapters.mllp.fakes import FakeMeter


class Guest:
    """A connection."""

    def is_idle(self) -> bool:
        """Return that it is in a request."""
        return False

    def displace(self) -> None:
        """Fail: its place is its own."""
        raise AssertionError

    def drain(self) -> None:
        """Nothing is due."""


def service(limits: ProcessLimits | None = None, **more: object) -> Service[Guest]:
    """Return the service of a listener."""
    settings = HttpListenerSettings.model_validate({"kind": "http", "accepts": "fhir", "port": 0, **more})
    return Service("in", settings, FakeDelivery(), Access({}, "in"), FakeMeter(), limits)


async def test_limits() -> None:
    """A peer outside of the networks, or above its limit, gets no place; one that leaves makes room."""
    shared = service(allow_networks=["10.0.0.0/8"], max_connections_per_peer=1)
    policy, first = shared.peer_policies.of("10.0.0.1"), Guest()
    assert Rejection.NETWORK is shared.enter(Guest(), "192.0.2.1", policy)
    assert None is shared.enter(first, "10.0.0.1", policy)
    assert Rejection.PEER_LIMIT is shared.enter(Guest(), "10.0.0.1", policy)
    shared.leave(first, asyncio.Transport())
    assert None is shared.enter(Guest(), "10.0.0.1", policy)


async def test_known() -> None:
    """An address is known once something of it is stored."""
    shared = service()
    shared.answered(Guest(), "10.0.0.1", stored=False)
    assert "10.0.0.1" not in shared.known
    shared.answered(Guest(), "10.0.0.1", stored=True)
    assert "10.0.0.1" in shared.known


async def test_memory() -> None:
    """Without shared limits there is always memory; with them, until more is held than allowed."""
    assert not service().is_exhausted
    limits = ProcessLimits(1 << 20)
    shared = service(limits)
    assert not shared.is_exhausted
    for held in (2 << 20, 2 << 20):
        limits.account(lambda: None, lambda: None).update(held)
    assert shared.is_exhausted
