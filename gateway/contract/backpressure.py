"""Stops and restarts the reading of a transport, for several reasons at once."""

import asyncio
from typing import Generic, TypeVar

R = TypeVar("R")
"""The reasons."""


class ReadGate(Generic[R]):
    """Open while there is no reason to keep it closed, and for good at the end of the peer's stream."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._reasons: set[R] = set()
        self._ended = False

    @property
    def is_closed(self) -> bool:
        """Whether the peer is not read just now."""
        return bool(self._reasons)

    def is_held(self, reason: R) -> bool:
        """Whether *reason* is one why the peer is not read just now."""
        return reason in self._reasons

    def close(self, reason: R) -> bool:
        """Read nothing until *reason* is gone; return whether it is a new one."""
        is_new = reason not in self._reasons
        if not self._reasons and not self._ended and not self._transport.is_closing():
            self._transport.pause_reading()
        self._reasons.add(reason)
        return is_new

    def open(self, reason: R) -> bool:
        """Forget *reason*; read on when it was the last, and return whether it was."""
        if reason not in self._reasons:
            return False
        self._reasons.discard(reason)
        if self._reasons or self._ended:
            return False
        if not self._transport.is_closing():
            self._transport.resume_reading()
        return True

    def end(self) -> None:
        """Leave the transport alone from now on: the peer sends nothing more."""
        self._ended = True
