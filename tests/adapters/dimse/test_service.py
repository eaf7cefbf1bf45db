"""Counting who is connected."""

import asyncio
from typing import cast

import pytest

from adapters.dimse.peer_policy import PeerPolicies
from adapters.dimse.protocol.statuses import NO_ROOM
from adapters.dimse.service import SPARE_SOCKETS_PER_PEER, Service
from adapters.dimse.serving.connection import Connection
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import Rejection
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter


def service(meter: RecordingMeter, **limits: object) -> Service[Connection]:
    """Return a service with *limits*."""
    settings = DimseListenerSettings.model_validate({"port": 0, **limits})
    return Service("modalities", settings, PeerPolicies(settings), KeepingStore(), meter)


class Peer:
    """A connection that nothing has come from."""

    def is_idle(self) -> bool:
        """Say so."""
        return True

    def displace(self) -> None:
        """Do nothing."""


def a_peer() -> Connection:
    """Return a connection."""
    return cast("Connection", Peer())


def admit(counted: Service[Connection], address: str) -> Connection:
    """Establish an association with a peer whose socket has come in."""
    peer = a_peer()
    assert counted.enter(peer, address) is None
    counted.admit(peer, address, counted.peer_policies.of(address))
    return peer


def test_limits(meter: RecordingMeter) -> None:
    """The limit of the listener and that of one address are told apart, and both are given back."""
    counted = service(meter, max_connections=3, max_connections_per_peer=2)
    peer_policy = counted.peer_policies.of("a")
    first, _ = admit(counted, "a"), admit(counted, "a")
    assert (Rejection.PEER_LIMIT, None) == (
        counted.limit_reached("a", peer_policy),
        counted.limit_reached("b", peer_policy),
    )
    admit(counted, "b")
    assert Rejection.CONNECTION_LIMIT is counted.limit_reached("c", peer_policy)
    assert 3 == meter.connections
    counted.dismiss(first)
    assert counted.limit_reached("a", peer_policy) is None
    assert 2 == meter.connections


def test_limit_of_an_entry(meter: RecordingMeter) -> None:
    """The peers of an entry share its limit, whatever their addresses; others do not."""
    counted = service(meter, peers={"ct": {"networks": ["10.0.0.0/8"], "max_connections": 1}})
    usual, special = counted.peer_policies.of("192.0.2.1"), counted.peer_policies.of("10.0.0.1")
    first = admit(counted, "10.0.0.1")
    assert Rejection.PEER_LIMIT is counted.limit_reached("10.0.0.2", special)
    assert counted.limit_reached("192.0.2.1", usual) is None
    counted.dismiss(first)
    assert counted.limit_reached("10.0.0.2", special) is None


async def test_sockets_of_one_address(meter: RecordingMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets without an association are counted for each address, and given back once."""
    monkeypatch.setattr("adapters.dimse.service.SPARE_SOCKETS_PER_PEER", 1)
    counted = service(meter, max_connections_per_peer=1)
    first, second = a_peer(), a_peer()
    for peer in (first, second):
        assert counted.enter(peer, "a") is None
        counted.join(peer, asyncio.get_running_loop().create_task(asyncio.sleep(0)))
    assert [Rejection.PEER_LIMIT, None] == [counted.enter(a_peer(), each) for each in ("a", "b")]
    for _ in range(2):
        counted.leave(first)
    assert counted.enter(a_peer(), "a") is None


def test_one_address_cannot_take_all_sockets(meter: RecordingMeter) -> None:
    """With the defaults there is room for others beside a flood from one address."""
    counted = service(meter)
    most = counted.peer_policies.of("a").settings.max_connections_per_peer + SPARE_SOCKETS_PER_PEER
    assert [None] * most + [Rejection.PEER_LIMIT] == [counted.enter(a_peer(), "a") for _ in range(most + 1)]
    assert counted.enter(a_peer(), "b") is None


def test_idle_associations_make_room(meter: RecordingMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """An association that has stored something keeps its place, an idle one gives it up; so does the socket of one."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", -1)
    monkeypatch.setattr("adapters.dimse.service.SPARE_SOCKETS", 0)
    counted = service(meter, max_connections=1)
    idle = admit(counted, "a")
    assert Rejection.CONNECTION_LIMIT is counted.enter(a_peer(), "b")
    counted.dismiss(idle)
    storing = admit(counted, "b")
    assert counted.limit_reached("c", counted.peer_policies.of("c")) is None
    counted.answered(storing, "b", stored=True)
    assert Rejection.CONNECTION_LIMIT is counted.limit_reached("c", counted.peer_policies.of("c"))
    assert ("b" in counted.known, "a" in counted.known) == (True, False)


def test_strangers(meter: RecordingMeter) -> None:
    """An address outside the allowed networks is not even listened to."""
    counted = service(meter, allow_networks=["10.0.0.0/8"])
    assert [None, Rejection.NETWORK] == [counted.enter(a_peer(), peer) for peer in ("10.0.0.1", "192.0.2.1")]


def test_sockets_of_an_entry_by_title(meter: RecordingMeter) -> None:
    """Before its title is known, a peer may hold the sockets that the most generous entry for its address allows."""
    peers = {
        "pacs": {"calling_ae_titles": ["PACS"], "max_connections_per_peer": 400},
        "far": {"networks": ["192.0.2.0/24"], "max_connections_per_peer": 900},
    }
    counted = service(meter, max_connections=1000, max_connections_per_peer=50, peers=peers)
    most = 400 + SPARE_SOCKETS_PER_PEER
    told = [counted.enter(a_peer(), "10.0.0.1") for _ in range(most + 1)]
    assert [None] * most + [Rejection.PEER_LIMIT] == told


class Exhausted:
    """Limits of a process that has no room left."""

    is_exhausted = True


def test_no_room(meter: RecordingMeter) -> None:
    """While there is no room for it, the next instance is turned away, and that is counted."""
    counted = service(meter)
    assert counted.shed() is None
    counted.limits = cast("SharedLimits", Exhausted())
    assert (NO_ROOM, [Rejection.MEMORY_LIMIT]) == (counted.shed(), meter.rejections)
