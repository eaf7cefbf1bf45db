"""The protocol over the pipes."""

from io import BytesIO

import pytest

from adapters.hl7.validation.checks import Checks
from adapters.hl7.validation.orders import (
    Order,
    Verdict,
    frame,
    read_frame,
    read_order,
    read_verdict,
    write_order,
    write_verdict,
)
from gateway.contract.outcome import Finding


@pytest.mark.parametrize("data", [b"", b"a", b"x" * 100_000])
def test_frames(data: bytes) -> None:
    """A frame is read as it was written, and the end is the end."""
    stream = BytesIO(frame(data) + frame(b"next"))
    assert [data, b"next", None] == [read_frame(stream) for _ in range(3)]


@pytest.mark.parametrize("size", range(1, 12))
def test_a_frame_that_is_cut_short(size: int) -> None:
    """Half a frame counts as the end."""
    assert read_frame(BytesIO(frame(b"four")[:size])) is None


def test_orders() -> None:
    """An order is read as it was written."""
    order = Order("2.5", Checks(tables=False), ("PID-3",), 1.5)
    assert order == read_order(write_order(order))


def test_verdicts() -> None:
    """A verdict is read as it was written."""
    verdict = Verdict(3, (Finding("101", "PID-5 is required and missing", "PID^1^5^1"), Finding("100", "none")))
    assert verdict == read_verdict(write_verdict(verdict))
