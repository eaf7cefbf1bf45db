"""Socket options."""

import socket
from time import perf_counter

from adapters.mllp.serving.sockets import KEEPALIVE_SECONDS, tune
from tests.adapters.mllp.conftest import Serve
from tests.mllp_client import adt, code_of, mllp_client


def test_tune() -> None:
    """Answers leave at once, and a silent connection is kept alive every minute."""
    with socket.socket() as sock:
        tune(sock)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert KEEPALIVE_SECONDS == sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)


async def test_sender_that_writes_in_parts(serve: Serve) -> None:
    """A sender with Nagle's algorithm on that writes start, payload and end apart does not wait for delayed ACKs."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        client.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        seconds = []
        for _ in range(50):
            started = perf_counter()
            for part in (b"\x0b", adt("C1"), b"\x1c\r"):
                client.writer.write(part)
            assert "AA" == code_of(await client.answer())
            seconds.append(perf_counter() - started)
        assert min(seconds[25:]) < 0.03  # delayed ACKs cost 40 ms for every message but the first ones
