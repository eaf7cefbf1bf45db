"""The interfaces of a listener and of the TLS handshake before its connections."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Drained(Protocol):
    """Takes messages until it is told to stop."""

    tasks: set[asyncio.Task[None]]
    """One task for each connected peer, or one for all; it ends when nothing is outstanding any more."""

    def stop_accepting(self) -> None:
        """Take nothing new: unbind, close idle connections now, and end busy ones after the answer that is due."""


class Listener(Drained, Protocol):
    """Accepts peers and answers each message with the outcome of its delivery."""

    @property
    def port(self) -> int:
        """The bound TCP port, even if 0 was configured."""


class TlsAcceptor(Protocol):
    """Does the TLS handshake between a listener's socket and its connections."""

    def before(self, connect: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Return the protocol factory for the socket; *connect* makes the connection once the handshake is done."""

    def close(self) -> None:
        """Abort all handshakes that are not finished, and accept no new ones."""
