"""The framer: the events do not depend on the cut, memory stays below ``max_block``, framing is undone.

No payload holds an octet that frames it, since a message that arrives must be one that was sent.
"""

from itertools import pairwise

from adapters.mllp.events import BegunAgain, Block, Broken, Event, Skipped
from adapters.mllp.framing import LONGEST_END, BlockEnd, Framer, frame
from tests.fuzz import mllp_reference as reference
from tests.fuzz.source import Source, cut

LARGEST = 64
ENDS: tuple[BlockEnd, ...] = ("1c0d", "1c")


def target(data: bytes) -> None:
    """Read the octets as a stream, whole and in pieces."""
    source = Source(data)
    block_end = source.choice(ENDS)
    sizes = source.sizes()
    wire = source.rest()
    events = _read([wire], block_end)
    assert events == reference.read(wire, LARGEST, block_end)
    assert events == _read(list(cut(wire, sizes)), block_end)
    assert events == _read(list(cut(wire, sizes)), block_end, most=1)
    assert not any(isinstance(event, Broken) for event in events[:-1])
    assert sum(event.count for event in events if isinstance(event, Skipped)) <= len(wire)
    # A block that holds nothing is told of only where something was dropped of it.
    blocks = [(before, event) for before, event in pairwise([None, *events]) if isinstance(event, Block)]
    assert all(isinstance(before, BegunAgain) for before, event in blocks if not event.payload.strip(reference.STRAY))
    payloads = [event.payload for _, event in blocks if event.payload.strip(reference.STRAY)]
    assert all(len(payload) <= LARGEST for payload in payloads)
    assert not any(octet in payload for payload in payloads for octet in (b"\x0b", b"\x1c"))
    framed = b"".join(map(frame, payloads))
    assert [Block(payload) for payload in payloads] == _read([framed], block_end)


def _read(pieces: list[bytes], block_end: BlockEnd, most: int = 1 << 20) -> list[Event]:
    framer = Framer(LARGEST, block_end)
    events = []
    for piece in pieces:
        events += framer.receive_data(piece, most)
        assert framer.kept <= LARGEST
        assert framer.has_more or framer.held <= LONGEST_END
    return events + framer.receive_eof()
