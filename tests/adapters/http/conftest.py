"""A listener on a loopback socket, once on each event loop."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import pytest

from adapters.http.listener import HttpListener
from tests.adapters.http.fakes import FakeDelivery, listening
from tests.adapters.mllp.fakes import FakeMeter


class Serve(Protocol):
    """Starts a listener with the given settings."""

    def __call__(self, **settings: Any) -> Awaitable[HttpListener]:
        """Bind a free port."""


@pytest.fixture
def meter() -> FakeMeter:
    """Return a meter that remembers."""
    return FakeMeter()


@pytest.fixture
async def delivery() -> FakeDelivery:
    """Return a delivery that creates everything unless told otherwise."""
    return FakeDelivery()


@pytest.fixture
async def serve(meter: FakeMeter, delivery: FakeDelivery) -> AsyncIterator[Serve]:
    """Start listeners with the settings given."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> HttpListener:
            return await stack.enter_async_context(listening(delivery, meter, **settings))

        yield start
