"""A transport that remembers what it is told, for the parts of a connection."""

import asyncio


class FakeTransport(asyncio.Transport):
    """A transport without a connection."""

    def __init__(self, *, unread: int = 0) -> None:
        super().__init__()
        self.told: list[str] = []
        self.written: list[bytes] = []
        self.closing = False
        self.unread = unread

    def is_closing(self) -> bool:
        """Whether it is."""
        return self.closing

    def pause_reading(self) -> None:
        """Remember."""
        self.told.append("pause")

    def resume_reading(self) -> None:
        """Remember."""
        self.told.append("resume")

    def can_write_eof(self) -> bool:
        """Like TCP."""
        return True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Take no notice."""

    def get_write_buffer_size(self) -> int:
        """Return what the peer has not read."""
        return self.unread

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Remember."""
        self.written.append(bytes(data))

    def close(self) -> None:
        """Remember."""
        self.told.append("close")

    def abort(self) -> None:
        """Remember."""
        self.told.append("abort")
