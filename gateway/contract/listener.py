"""The interfaces of a listener and of the TLS handshake before its connections."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Listener(Protocol):
    """Accepts peers and answers each message with the outcome of its delivery."""

    tasks: set[asyncio.Task[None]]
    """One task for each connected peer; it ends when the connection is closed."""

    @property
    def port(self) -> int:
        """The bound TCP port, even if 0 was configured."""

    def stop_accepting(self) -> None:
        """Unbind. Close idle connections now, and busy ones after the answer that the peer waits for."""


class TlsAcceptor(Protocol):
    """Does the TLS handshake between a listener's socket and its connections."""

    def before(self, connect: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Return the protocol factory for the socket; *connect* makes the connection once the handshake is done."""

    def close(self) -> None:
        """Abort all handshakes that are not finished, and accept no new ones."""
