"""A listener on a loopback socket, once on each event loop."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest

from adapters.mllp.listener import MllpListener
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter, listening


class Serve(Protocol):
    """Starts a listener with the given settings."""

    def __call__(self, **settings: Any) -> Awaitable[MllpListener]:
        """Bind a free port."""


@pytest.fixture(autouse=True)
def longest_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody loses a place because the machine is busy."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", 60)


@pytest.fixture
def meter() -> FakeMeter:
    """Return a meter that remembers."""
    return FakeMeter()


@pytest.fixture
async def delivery() -> FakeDelivery:
    """Return a delivery that stores everything unless told otherwise."""
    return FakeDelivery()


@pytest.fixture
async def serve(meter: FakeMeter, delivery: FakeDelivery) -> AsyncIterator[Serve]:
    """Start listeners with the settings given."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> MllpListener:
            return await stack.enter_async_context(listening(delivery, meter, **settings))

        yield start
