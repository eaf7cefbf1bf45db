"""Handles the requests that came before the answer to the one before them, each when its turn has come."""

import asyncio
from collections.abc import Callable

from adapters.dimse.protocol.association import Acceptor
from adapters.dimse.serving.flow import Gate, Hold

MOST_AT_ONCE = 32
"""Events of one peer that are handled before others get their turn: one read of 16 KiB PDUs brings no more."""


class Turns:
    """Calls *take* for each request whose turn has come, a few at a time; then *told*.

    None is taken while the rate limit, the store or unread answers keep the peer from being read.
    """

    def __init__(self, acceptor: Acceptor, gate: Gate, take: Callable[[], None], told: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._acceptor = acceptor
        self._gate = gate
        self._take, self._told = take, told
        self._is_called_up = False

    def call_up(self) -> None:
        """Schedule what waits for the next iteration of the loop: the caller may be in the middle of a command."""
        if self._may_go_on and not self._is_called_up:
            self._is_called_up = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_called_up = False
        for _ in range(MOST_AT_ONCE):
            if not self._may_go_on:
                break
            self._take()
        self._told()
        self.call_up()

    @property
    def _may_go_on(self) -> bool:
        return self._acceptor.has_turn and not any(map(self._gate.is_held, (Hold.RATE, Hold.STORE, Hold.WRITE)))
