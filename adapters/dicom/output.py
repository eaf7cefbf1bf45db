"""The output of the editor: a stack of buffers, for parts that are held back until their length is known."""

from dataclasses import dataclass, field

from adapters.dicom.encoding import Encoding, Malformed

MOST_HELD = 4 * 1024 * 1024
"""Most octets of a sequence, an item or a group that are held back until its length is known."""
MOST_GROWN = 4 * MOST_HELD
"""Most octets of such a sequence after its items have been edited."""
GROWN = "the values to be set make a sequence larger than 16 MiB"


@dataclass(slots=True)
class Held:
    """Octets that are held back."""

    limit: int | None = None
    reason: str = ""
    octets: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class HeldGroup(Held):
    """The elements of a group after its group length (gggg,0000)."""

    number: int = 0
    length_element: bytes = b""
    """The group length element as it was read."""
    changes: int = 0
    """The number of changes when the group began."""
    is_given_up: bool = False
    """Whether the group is too large to be held back: its group length is left out, which is allowed (PS3.5 7.2)."""

    def closed(self, encoding: Encoding, changes: int) -> bytes:
        """Return the whole group; its length is computed anew if *changes* has grown since its beginning."""
        if changes == self.changes:
            return self.length_element + self.octets
        if not self.octets:
            return b""
        return self.length_element[:-4] + encoding.packed_long(len(self.octets)) + self.octets


class Output:
    """Takes the octets written; those that are not held back can be drained."""

    def __init__(self) -> None:
        self._bottom = Held()
        self._stack: list[Held | None] = [self._bottom]

    def write(self, octets: bytes | bytearray) -> None:
        """Write *octets* to the innermost buffer; they are dropped if it discards."""
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
        """Hold back the octets that are written from now on; with None they are discarded."""
        self._stack.append(held)

    def release(self) -> bytearray:
        """Remove the innermost buffer and return its octets."""
        held = self._stack.pop()
        return bytearray() if held is None else held.octets

    def drain(self) -> bytes:
        """Return the octets that are not held back."""
        octets = bytes(self._bottom.octets)
        self._bottom.octets.clear()
        return octets
