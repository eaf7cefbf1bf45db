"""When the transport reports octets that the peer has not read."""

import asyncio

import pytest

from gateway.contract.unbuffered import UnbufferedWriter


class Transport(asyncio.Transport):
    """Remembers what it is told."""

    def __init__(self, *, is_tls: bool) -> None:
        super().__init__()
        self.told: list[bytes | int | None] = []
        self._is_tls = is_tls

    def can_write_eof(self) -> bool:
        """Whether it can end in one direction."""
        return not self._is_tls

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Remember."""
        self.told.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Remember."""
        self.told.append(high)


@pytest.mark.parametrize(
    ("is_tls", "told"), [(False, [0, b"one", b"two"]), (True, [b"one", 1, b"two"])], ids=["TCP", "TLS"]
)
def test_limit(*, is_tls: bool, told: list[bytes | int | None]) -> None:
    """Over TCP every octet is reported from the beginning, over TLS after the first write; the limit is set once."""
    writer = UnbufferedWriter(transport := Transport(is_tls=is_tls))
    writer.write(b"one")
    writer.write(b"two")
    assert told == transport.told
