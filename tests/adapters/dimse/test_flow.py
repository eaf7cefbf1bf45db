"""Why a peer is not read."""

import asyncio

from adapters.dimse.flow import Gate, Hold


class Transport(asyncio.Transport):
    """Remembers what it is told, and is strict about it."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.closing = False

    def is_closing(self) -> bool:
        """Whether it is."""
        return self.closing

    def pause_reading(self) -> None:
        """Remember."""
        self.told.append("pause")

    def resume_reading(self) -> None:
        """Remember."""
        self.told.append("resume")


def test_whose_fault_it_is() -> None:
    """A peer that does not read its answers is not read for a reason of its own; all other reasons are ours."""
    for hold, here in ((Hold.WRITE, False), (Hold.STORE, True), (Hold.RATE, True), (Hold.MEMORY, True)):
        gate = Gate(Transport())
        gate.close(hold)
        assert (True, here) == (gate.is_held(hold), gate.is_held_here)
        gate.open(hold)
        assert not gate.is_held_here
