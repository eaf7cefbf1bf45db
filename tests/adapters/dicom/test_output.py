"""Octets that are written can be held back, up to a limit."""

import pytest

from adapters.dicom import output
from adapters.dicom.encoding import EXPLICIT_LITTLE, Malformed
from adapters.dicom.output import Held, HeldGroup, Output


def test_held() -> None:
    """Octets that are held back are not drained."""
    out = Output()
    out.write(b"A")
    out.hold(Held())
    out.write(b"B")
    assert b"A" == out.drain()
    assert b"B" == out.release()
    assert b"" == out.drain()


def test_discarded() -> None:
    """Discarded octets are not written."""
    out = Output()
    out.hold(None)
    out.write(b"A")
    assert b"" == out.release()


def test_bound() -> None:
    """More than the limit raises Malformed."""
    out = Output()
    out.hold(Held(2, "too much"))
    with pytest.raises(Malformed, match="too much"):
        out.write(b"ABC")


def test_group_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that is too large is written without its group length."""
    monkeypatch.setattr(output, "MOST_HELD", 2)
    out, group = Output(), HeldGroup(number=8, length_element=b"LEN")
    out.hold(group)
    out.write(b"ABC")
    out.write(b"D")
    assert group.is_given_up
    assert b"ABCD" == out.drain()


@pytest.mark.parametrize(
    ("octets", "changes", "expected"),
    [(b"AB", 0, b"..\7\0\0\0AB"), (b"AB", 1, b"..\2\0\0\0AB"), (b"", 1, b""), (b"", 0, b"..\7\0\0\0")],
)
def test_group_length(octets: bytes, changes: int, expected: bytes) -> None:
    """The length follows a change; a group that became empty has none."""
    group = HeldGroup(length_element=b"..\7\0\0\0", octets=bytearray(octets))
    assert expected == group.closed(EXPLICIT_LITTLE, changes)
