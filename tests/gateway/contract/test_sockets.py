"""Socket options that every listener sets."""

import socket
import struct

import pytest

from gateway.contract.sockets import TCP_QUICKACK, acknowledge_now, reset_at_close


def test_reset_at_close() -> None:
    """The option says: on, and no time for what is not sent."""
    with socket.socket() as sock:
        reset_at_close(sock)
        assert (1, 0) == struct.unpack("ii", sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))


@pytest.mark.skipif(TCP_QUICKACK is None, reason="this system has no TCP_QUICKACK")
def test_acknowledge_now() -> None:
    """The option can be set again and again."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as own:
        assert TCP_QUICKACK is not None
        own.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 0)
        acknowledge_now(own)
        assert own.getsockopt(socket.IPPROTO_TCP, TCP_QUICKACK)
