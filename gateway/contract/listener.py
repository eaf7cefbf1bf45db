"""A listener, and what stands before its connections where peers speak TLS, as the daemon sees them."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Listener(Protocol):
    """Accepts peers; answers each message with the outcome of its delivery."""

    tasks: set[asyncio.Task[None]]
    """One per connected peer, ending when the peer is gone."""

    @property
    def port(self) -> int:
        """The bound TCP port, also when 0 was configured."""

    def stop_accepting(self) -> None:
        """Unbind; let idle peers go now and busy ones after the answer they wait for."""


class Entrance(Protocol):
    """What stands between a listener's socket and its connections where peers speak TLS."""

    def before(self, connect: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Return the protocol factory for the socket; *connect* makes the connection of a peer that is let in."""

    def close(self) -> None:
        """Let nobody in any more who is not in yet."""
