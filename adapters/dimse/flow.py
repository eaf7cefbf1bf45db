"""Stops and restarts the reading of a transport, for several reasons at once."""

import asyncio
from enum import Enum

from gateway.contract.meter import Pause


class Hold(Enum):
    """Why a peer is not read just now."""

    MEMORY = Pause.MEMORY
    """All peers together hold too much."""
    RATE = Pause.RATE
    """The peer sends more messages a second than it may."""
    QUEUE = Pause.QUEUE
    """The peer sends on although enough of it waits for the answer to its request."""
    STORE = Pause.STORE
    """The store does not take the instance as fast as it comes in."""
    WRITE = Pause.WRITE
    """The peer does not take our answers: its requests would pile up here as answers."""
    TURN = "turn"
    """Others get their turn before the rest of what it sent in one go."""


class ReadGate:
    """Open while there is no hold."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._holds: set[Hold] = set()

    def is_held(self, hold: Hold) -> bool:
        """Whether this is a reason just now."""
        return hold in self._holds

    @property
    def is_held_here(self) -> bool:
        """Whether the peer is not read for a reason that is none of its own."""
        return bool(self._holds - {Hold.WRITE, Hold.TURN})

    def close(self, hold: Hold) -> None:
        """Read nothing until *hold* is gone."""
        if not self._holds and not self._transport.is_closing():
            self._transport.pause_reading()
        self._holds.add(hold)

    def open(self, hold: Hold) -> None:
        """Forget *hold*; read on when it was the last."""
        self._holds.discard(hold)
        if not self._holds and not self._transport.is_closing():
            self._transport.resume_reading()
