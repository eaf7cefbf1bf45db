"""Which peers get a place, by address and by limits."""

from typing import cast

import pytest

from adapters.mllp.exchange import Exchange
from adapters.mllp.peer_policy import PeerPolicies
from adapters.mllp.service import Service
from adapters.mllp.serving.connection import Connection
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.limits import SharedLimits
from gateway.contract.message_ids import id_source
from gateway.contract.meter import Rejection
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter


def service(**settings: object) -> Service[Connection]:
    """Return the service of a listener with *settings*."""
    checked = MllpListenerSettings.model_validate({"kind": "mllp", "port": 0, **settings})
    meter, new_id = FakeMeter(), id_source()
    peer_policy = PeerPolicies(
        checked, FakeDelivery(), lambda each, send: Exchange("adt", each, send, meter, new_id), None
    )
    return Service("adt", checked, peer_policy, meter)


class Peer:
    """A connection that nothing has come from."""

    gone = False

    def is_idle(self) -> bool:
        """Say so."""
        return True

    def displace(self) -> None:
        """Remember it."""
        self.gone = True


def enter(door: Service[Connection], address: str) -> tuple[Rejection | None, Connection]:
    """Have a peer take a place."""
    peer = cast("Connection", Peer())
    return door.enter(peer, address, door.peer_policies.of(address)), peer


def test_stranger() -> None:
    """An address outside the allowed networks gets no place."""
    door = service(allow_networks=["10.0.0.0/8"])
    assert [Rejection.NETWORK, None] == [enter(door, each)[0] for each in ("127.0.0.1", "10.0.0.1")]


def test_one_address_too_often() -> None:
    """A peer that holds all of its places gets no other one."""
    door = service(max_connections_per_peer=1)
    assert enter(door, "10.0.0.1")[0] is None
    assert [Rejection.PEER_LIMIT, None] == [enter(door, each)[0] for each in ("10.0.0.1", "10.0.0.2")]


def test_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answered message keeps a place, and only one that is stored makes the address known."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", -1)
    door = service(max_connections=2)
    (_, failing), (_, storing) = enter(door, "10.0.0.1"), enter(door, "10.0.0.2")
    door.answered(failing, "10.0.0.1", stored=False)
    door.answered(storing, "10.0.0.2", stored=True)
    assert [False, True] == [each in door.known for each in ("10.0.0.1", "10.0.0.2")]
    assert Rejection.CONNECTION_LIMIT is enter(door, "10.0.0.3")[0]
    door.leave(failing)
    assert enter(door, "10.0.0.3")[0] is None


class Exhausted:
    """Limits of a process that has no room left."""

    is_exhausted = True
    known: tuple[str, ...] = ()


def test_no_room() -> None:
    """While memory is short, the answer to the next message asks to send it later, and that is counted."""
    door = service()
    peer_policy = door.peer_policies.of("10.0.0.1")
    assert peer_policy.exchange is door.exchange(peer_policy)
    door.limits = cast("SharedLimits", Exhausted())
    assert peer_policy.shedding is door.exchange(peer_policy)
    assert [Rejection.MEMORY_LIMIT] == cast("FakeMeter", door.meter).rejections
