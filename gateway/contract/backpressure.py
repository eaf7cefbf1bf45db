"""Pauses and resumes reading from a transport; several reasons for a pause can hold at once."""

import asyncio
from typing import Generic, TypeVar

R = TypeVar("R")
"""The type of the reasons for a pause."""


class ReadGate(Generic[R]):
    """Pauses reading while at least one reason holds. After :meth:`end` the transport is no longer touched."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._reasons: set[R] = set()
        self._ended = False

    @property
    def is_closed(self) -> bool:
        """Whether at least one reason holds, so that nothing is read from the peer."""
        return bool(self._reasons)

    def is_held(self, reason: R) -> bool:
        """Whether *reason* is among the reasons that hold."""
        return reason in self._reasons

    def close(self, reason: R) -> bool:
        """Add *reason* and pause reading; return whether *reason* is new."""
        is_new = reason not in self._reasons
        if not self._reasons and not self._ended and not self._transport.is_closing():
            self._transport.pause_reading()
        self._reasons.add(reason)
        return is_new

    def open(self, reason: R) -> bool:
        """Remove *reason*. Resume reading if it was the last one; return whether reading was resumed."""
        if reason not in self._reasons:
            return False
        self._reasons.discard(reason)
        if self._reasons or self._ended:
            return False
        if not self._transport.is_closing():
            self._transport.resume_reading()
        return True

    def end(self) -> None:
        """Stop pausing and resuming the transport: the peer has sent everything (EOF)."""
        self._ended = True
