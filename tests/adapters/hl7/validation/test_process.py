"""The program of a validation process, run in the test itself."""

import signal
from collections.abc import Iterator
from io import BytesIO

import pytest

from adapters.hl7.validation.checks import Checks
from adapters.hl7.validation.orders import READY, Order, Verdict, frame, read_frame, read_verdict, write_order
from adapters.hl7.validation.process import is_ignored, run
from gateway.contract.outcome import Finding

ORDER = Order(None, Checks(), ("PV1", "PID-3"), 60)
ADT = b"MSH|^~\\&|A|B|C|D|20240101||ADT^A01|C1|P|2.5\rEVN||20240101\rPID|1\rPV1||X\r"


@pytest.fixture(autouse=True)
def no_timer_left() -> Iterator[None]:
    """Stop the timer of a message after the test."""
    yield
    assert (0.0, 0.0) == signal.getitimer(signal.ITIMER_PROF)


def answers(*frames: bytes) -> list[bytes]:
    """Return what a process says to *frames*."""
    sink = BytesIO()
    run(BytesIO(b"".join(frame(each) for each in frames)), sink)
    sink.seek(0)
    return list(iter(lambda: read_frame(sink), None))


def test_it_says_that_it_is_ready_and_gives_its_verdicts() -> None:
    """A verdict for each message, without what is to be ignored."""
    ready, first, second = answers(write_order(ORDER), b"", b"", ADT, b"UNICODE UTF-8", b"PID|")
    assert READY == ready
    assert Verdict(1, (Finding("101", "PID-5 is required and missing", "PID^1^5^1"),)) == read_verdict(first)
    assert ["100"] == [each.code for each in read_verdict(second).findings]


@pytest.mark.parametrize("frames", [(), (write_order(ORDER),), (write_order(ORDER), b"", b"")])
def test_it_ends_with_its_input(frames: tuple[bytes, ...]) -> None:
    """Wherever its input ends, the process ends."""
    assert [READY][: len(frames) // 2] == answers(*frames)


def test_no_more_than_ten_findings_are_told() -> None:
    """The findings beyond the limit are counted."""
    _, answer = answers(write_order(ORDER), b"", b"", ADT + b"QQQ|\r" * 50)
    verdict = read_verdict(answer)
    assert (51, 10) == (verdict.count, len(verdict.findings))


IGNORED = {
    "PV1^1": True,
    "PV1^2^3^1": True,
    "PID^1^3^1^5": True,
    "PID^1^33^1": False,
    "PID^1": False,
    "PD1^1": False,
    None: False,
}


@pytest.mark.parametrize(("location", "expected"), IGNORED.items())
def test_ignored(location: str | None, expected: bool) -> None:
    """A segment is ignored with all its fields, a field with all its parts."""
    assert expected == is_ignored(location, ORDER.ignore)
