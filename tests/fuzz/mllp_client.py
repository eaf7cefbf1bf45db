"""What a receiver answers: the verdict does not depend on the cut, comes once, and is positive only by name."""

from typing import get_args

from adapters.mllp.client.events import Answered, Event, MaybeSent, PassedOver
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.rules import Line, Rules
from adapters.mllp.framing import BlockEnd
from tests.fuzz.source import Source, cut

MESSAGE = Outgoing(b"MSH|^~\\&|A|B|C|D|||ADT^A01|C1|P|2.5\r", b"C1", b"C1")
BEFORE = Outgoing(b"MSH|^~\\&|A|B|C|D|||ADT^A01|C0|P|2.5\r", b"C0", b"C0", is_unanswered=True)
BLOCK_ENDS: tuple[BlockEnd, ...] = get_args(BlockEnd)
ENDS = ("receive_eof", "lose", "time_out")


def target(data: bytes) -> None:
    """Send a message behind another one; the octets are what comes back."""
    source = Source(data)
    rules = Rules(source.choice((1, 2)), source.choice(BLOCK_ENDS))
    end = source.choice(ENDS)
    wants_both = source.choice((False, True))
    sizes = source.sizes()
    wire = source.rest()
    events = _read([wire], rules, end, wants_both=wants_both)
    assert events == _read(list(cut(wire, sizes)), rules, end, wants_both=wants_both)
    verdicts = [each for each in events if not isinstance(each, PassedOver)]
    assert len(verdicts) == 1
    (verdict,) = verdicts
    assert isinstance(verdict, Answered | MaybeSent), "the whole message has left"
    if isinstance(verdict, Answered) and verdict.is_positive:
        assert verdict.block in wire
        assert verdict.block == b"\x06" if rules.release == 2 else _names_the_message(verdict.block)


def _names_the_message(block: bytes) -> bool:
    return b"C1" in block and any(code in block.upper() for code in (b"AA", b"CA"))


def _read(pieces: list[bytes], rules: Rules, end: str, *, wants_both: bool) -> list[Event]:
    line = Line(rules)
    line.send(BEFORE)
    line.left()
    line.send(Outgoing(MESSAGE.payload, b"C1", b"C1", wants_both=wants_both))
    events = line.left()
    for piece in pieces:
        events += line.receive_data(piece)
    events += getattr(line, end)()
    if line.is_closed:
        assert line.receive_data(b"\x0bMSH|^~\\&|\rMSA|AA|C1\r\x1c\r") == []
    return events
