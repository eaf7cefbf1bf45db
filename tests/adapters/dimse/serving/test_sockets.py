"""The options that an association's socket gets."""

import asyncio
import socket
from types import SimpleNamespace
from typing import Any, cast

from adapters.dimse.serving.sockets import duplicate


def transport(**extra: Any) -> asyncio.Transport:
    """Return what stands for a transport: it gives its socket away."""
    return cast("asyncio.Transport", SimpleNamespace(get_extra_info=lambda name: extra[name]))


def test_duplicate() -> None:
    """The duplicate sets options of the same connection, and lives on its own."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as own:
        duplicated = duplicate(transport(socket=own))
        assert duplicated is not None
        with duplicated:
            assert own.fileno() != duplicated.fileno()
            assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_no_descriptor_left() -> None:
    """Without a descriptor there is no duplicate, and no exception either."""

    class Exhausted:
        def dup(self) -> socket.socket:
            raise OSError(24, "too many open files")

    assert duplicate(transport(socket=Exhausted())) is None
