"""The options that an association's socket gets."""

import asyncio
import socket
import struct
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.dimse.sockets import TCP_QUICKACK, acknowledge_now, duplicate, reset_at_close


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
            reset_at_close(duplicated)
            assert struct.pack("ii", 1, 0) == own.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)


@pytest.mark.skipif(TCP_QUICKACK is None, reason="this system has no TCP_QUICKACK")
def test_acknowledge_now() -> None:
    """The option can be set again and again."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as own:
        assert TCP_QUICKACK is not None
        own.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 0)
        acknowledge_now(own)
        assert own.getsockopt(socket.IPPROTO_TCP, TCP_QUICKACK)


def test_no_descriptor_left() -> None:
    """Without a descriptor there is no duplicate, and no exception either."""

    class Exhausted:
        def dup(self) -> socket.socket:
            raise OSError(24, "too many open files")

    assert duplicate(transport(socket=Exhausted())) is None
