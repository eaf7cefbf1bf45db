"""What the DIMSE tests share: a listener on a free port, a meter that remembers, a store that keeps what it gets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest

from adapters.dimse.listener import DimseListener
from gateway.contract.destination import Deliver
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, serving
from tests.adapters.dimse.raw_peer import RawPeer

Listen = Callable[..., Awaitable[DimseListener]]


class Connect(Protocol):
    """Connects a raw peer to a listener."""

    def __call__(self, listener: DimseListener, address: str = "127.0.0.1") -> Awaitable[RawPeer]:
        """Connect from *address*."""


@pytest.fixture(autouse=True)
def longest_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody loses a place because the machine is busy."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", 60)


@pytest.fixture
def meter() -> RecordingMeter:
    """Return a meter that remembers."""
    return RecordingMeter()


@pytest.fixture
def store() -> KeepingStore:
    """Return a store that takes everything."""
    return KeepingStore()


@pytest.fixture
async def listen(meter: RecordingMeter, store: KeepingStore) -> AsyncIterator[Listen]:
    """Bind listeners on free ports, which end with the test."""
    async with AsyncExitStack() as listeners:

        async def listen(deliver: Deliver = store, **settings: Any) -> DimseListener:
            return await listeners.enter_async_context(serving(deliver, meter, **settings))

        yield listen


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect raw peers to a listener."""
    peers: list[RawPeer] = []

    async def connect(listener: DimseListener, address: str = "127.0.0.1") -> RawPeer:
        peers.append(await RawPeer.connect(listener.port, address))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.vanish()
