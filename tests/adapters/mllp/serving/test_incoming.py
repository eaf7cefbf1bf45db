"""What is received and not answered: what is queued, what is reported, and how much is held."""

from adapters.mllp.framing import frame
from adapters.mllp.serving.backlog import MOST_QUEUED
from adapters.mllp.serving.incoming import Incoming
from adapters.mllp.serving.report import Report
from adapters.mllp.serving.watch import Phase, Watch
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.meter import Rejection
from tests.adapters.mllp.fakes import FakeMeter

SETTINGS = MllpListenerSettings(kind="mllp", port=0, max_block=1000, message_seconds=60)


class Held:
    """An account that remembers the last figure."""

    held = 0
    is_waiting = False

    def update(self, held: int) -> None:
        """Remember."""
        self.held = held


class Case:
    """The receiving side of a connection."""

    def __init__(self) -> None:
        self.meter, self.account, self.watch = FakeMeter(), Held(), Watch(SETTINGS, 0)
        self.incoming = Incoming(SETTINGS, self.watch, Report(self.meter, "adt", "127.0.0.1:1"), self.account, 0)

    def cut(self, data: bytes, now: float = 0) -> None:
        """Receive *data* at *now*."""
        self.incoming.received_at = now
        self.incoming.cut(data)
        self.incoming.tally()


def test_a_block() -> None:
    """A block waits with the time of its last octet, and counts until it is answered."""
    case = Case()
    case.cut(b"\x0bMSH|", 1)
    assert (True, True, 0, 4) == (
        case.incoming.inside_block,
        case.incoming.has_begun,
        len(case.incoming),
        case.account.held,
    )
    case.cut(b"A\x1c\r", 2)
    assert (False, 1, 5) == (case.incoming.inside_block, len(case.incoming), case.account.held)
    assert (b"MSH|A", 2, b"") == case.incoming.take()
    assert (False, 5) == (case.incoming.has_begun, case.incoming.octets)
    case.incoming.answered()
    assert 0 == case.incoming.octets


def test_many_blocks() -> None:
    """Not all of many blocks are cut at once; the rest is cut when it is asked for."""
    case = Case()
    case.cut(frame(b"MSH|") * (MOST_QUEUED + 1))
    assert (MOST_QUEUED, True, True) == (len(case.incoming), case.incoming.has_plenty, case.incoming.has_more)
    case.incoming.cut()
    assert (MOST_QUEUED + 1, False) == (len(case.incoming), case.incoming.has_more)


def test_time_of_a_block() -> None:
    """The watch learns when the block in progress went on."""
    case = Case()
    case.cut(b"\x0bMSH|", 10)
    assert 70 == case.watch.due(Phase.MESSAGE, 10)


def test_too_large() -> None:
    """Behind a block that is too large nothing is taken; its beginning is kept for the answer."""
    case = Case()
    case.cut(frame(b"MSH|A") + b"\x0bMSH|" + b"x" * 2000)
    assert (True, [Rejection.TOO_LARGE]) == (case.incoming.is_ended, case.meter.rejections)
    assert (1, b"MSH|x") == (len(case.incoming), (case.incoming.too_large or b"")[:5])


def test_begun_again() -> None:
    """What was dropped at a 0B inside a block goes with the block that follows, if a message begins there."""
    case = Case()
    case.cut(b"\x0bMSH|A\x0bMSH|B\x1c\r" + b"\x0bPID|\x0bMSH|C\x1c\r")
    assert [(b"MSH|B", b"MSH|A"), (b"MSH|C", b"")] == [case.incoming.take()[::2] for _ in range(2)]
    assert [Rejection.BLOCK_RESTARTED] * 2 == case.meter.rejections


def test_strays() -> None:
    """Octets between blocks are counted."""
    case = Case()
    case.cut(b"\r\n" + frame(b"MSH|"))
    assert (2, 1) == (case.meter.stray, len(case.incoming))


def test_end_inside_a_block() -> None:
    """A stream that ends inside a block is reported as a lost peer."""
    case = Case()
    case.cut(b"\x0bMSH|")
    case.incoming.end()
    assert (True, [Rejection.PEER_LOST]) == (case.incoming.is_ended, case.meter.rejections)


def test_drop() -> None:
    """When the peer is gone, only the block being answered is still held."""
    case = Case()
    case.cut(frame(b"MSH|A") + frame(b"MSH|B") + b"\x0bMSH|C")
    case.incoming.take()
    case.incoming.drop()
    assert (0, True, 5) == (len(case.incoming), case.incoming.is_ended, case.account.held)
