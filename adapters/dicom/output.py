"""What is written and not yet handed on: a stack, for what is held back until its length is known."""

from dataclasses import dataclass, field

from adapters.dicom.encoding import Encoding, Malformed

MOST_HELD = 4 * 1024 * 1024
"""Octets of a sequence, an item or a group that are held back so that its length can be told."""
MOST_GROWN = 4 * MOST_HELD
"""Octets that such a sequence may have when its items have been edited."""
GROWN = "what is set makes a sequence larger than 16 MiB"


@dataclass(slots=True)
class Held:
    """Octets that are held back."""

    limit: int | None = None
    reason: str = ""
    octets: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class HeldGroup(Held):
    """The elements of a group, behind its length (gggg,0000)."""

    number: int = 0
    length_element: bytes = b""
    """As it was read."""
    changes: int = 0
    """How many changes there were when the group began."""
    is_given_up: bool = False
    """The group is too large to be held: its length is left out, which it may be (PS3.5 7.2)."""

    def closed(self, encoding: Encoding, changes: int) -> bytes:
        """Return the whole group, with its length if *changes* tells of new ones."""
        if changes == self.changes:
            return self.length_element + self.octets
        if not self.octets:
            return b""
        return self.length_element[:-4] + encoding.packed_long(len(self.octets)) + self.octets


class Output:
    """Takes what is written; what is not held back can be drained."""

    def __init__(self) -> None:
        self._bottom = Held()
        self._stack: list[Held | None] = [self._bottom]

    def write(self, octets: bytes | bytearray) -> None:
        """Write *octets* to the innermost place; they are dropped where it discards."""
        top = self._stack[-1]
        if top is None:
            return
        top.octets += octets
        if isinstance(top, HeldGroup) and len(top.octets) > MOST_HELD:
            self._give_up(top)
        elif top.limit is not None and len(top.octets) > top.limit:
            raise Malformed(top.reason)

    def _give_up(self, group: HeldGroup) -> None:
        group.is_given_up = True
        self._stack.pop()
        self.write(group.octets)

    @property
    def held(self) -> int:
        """Octets that are held back."""
        return sum(len(each.octets) for each in self._stack if each is not None)

    def hold(self, held: Held | None) -> None:
        """Hold back what is written from now on; None discards it."""
        self._stack.append(held)

    def release(self) -> bytearray:
        """End the innermost holding and return what was held."""
        held = self._stack.pop()
        return bytearray() if held is None else held.octets

    def drain(self) -> bytes:
        """Return what can be handed on."""
        octets = bytes(self._bottom.octets)
        self._bottom.octets.clear()
        return octets
