"""Fair reading: a peer that sends as fast as it can gets only a limited part of each turn of the event loop.

A chunk of one octet costs a microsecond, and one read may bring a quarter of a megabyte of them.
"""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from gateway.contract.backpressure import ReadGate

AT_ONCE = 16 * 1024
"""Octets that are passed on in one turn."""


class Hold(Enum):
    """Why a peer is not read."""

    TURN = auto()
    """What it has sent is still passed on."""
    SERVER = auto()
    """The HTTP server has enough."""


class GatedTransport:
    """The transport as the HTTP server has it: its wish not to read is one of several."""

    def __init__(self, transport: asyncio.Transport, gate: ReadGate[Hold]) -> None:
        self._transport, self._gate = transport, gate

    def __getattr__(self, name: str) -> Any:
        """Return the method of the transport."""
        return getattr(self._transport, name)

    def pause_reading(self) -> None:
        """Stop reading for the server."""
        self._gate.close(Hold.SERVER)

    def resume_reading(self) -> None:
        """Read again, unless there is another reason not to."""
        self._gate.open(Hold.SERVER)


class Turns:
    """Passes on what a peer sends, AT_ONCE octets in each turn."""

    def __init__(self, gate: ReadGate[Hold], take: Callable[[bytes], None]) -> None:
        self._gate, self._take = gate, take
        self._loop = asyncio.get_running_loop()
        self._left: memoryview = memoryview(b"")

    def put(self, data: bytes) -> None:
        """Pass on the beginning of *data* now, and the rest in the next turns; until then the peer is not read."""
        if self._left:  # TLS may bring more although the peer is not read
            self._left = memoryview(bytes(self._left) + data)
        elif len(data) <= AT_ONCE:
            self._take(data)
        else:
            self._left = memoryview(data)
            self._gate.close(Hold.TURN)
            self._go_on()

    def drop(self) -> None:
        """Forget the rest: the peer is gone."""
        self._left = memoryview(b"")

    def _go_on(self) -> None:
        data, self._left = self._left[:AT_ONCE], self._left[AT_ONCE:]
        if data:
            self._take(bytes(data))
        if self._left:
            self._loop.call_soon(self._go_on)
        else:
            self._gate.open(Hold.TURN)
