"""Stops and restarts the reading of a transport, for several reasons at once."""

import asyncio
from enum import Enum, auto


class Hold(Enum):
    """Why a peer is not read just now."""

    STORE = auto()
    """The store does not take the instance as fast as it comes in."""
    WRITE = auto()
    """The peer does not take our answers: its requests would pile up here as answers."""
    TURN = auto()
    """Others get their turn before the rest of what it sent in one go."""


class ReadGate:
    """Open while there is no hold."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._holds: set[Hold] = set()

    def is_held(self, hold: Hold) -> bool:
        """Whether this is a reason just now."""
        return hold in self._holds

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
