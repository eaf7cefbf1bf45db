"""A transport for tests of what tells it to read and not to read."""

import asyncio


class RecordedTransport(asyncio.Transport):
    """Remembers what it was told."""

    def __init__(self, *, closing: bool = False) -> None:
        super().__init__()
        self.told: list[str] = []
        self.closing = closing

    def is_closing(self) -> bool:
        """Whether it has ended."""
        return self.closing

    def pause_reading(self) -> None:
        """Take note."""
        self.told.append("pause")

    def resume_reading(self) -> None:
        """Take note."""
        self.told.append("resume")
