"""Text from the wire on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.terminal import visible

TEXTS = {
    "a colour": ("\x1b[31mC1", r"\x1b[31mC1"),
    "a window's name": ("\x1b]0;root\x07", r"\x1b]0;root\x07"),
    "a control of eight bits": ("\x9b31m", r"\x9b31m"),
    "the line begun again": ("C1\rAA", r"C1\rAA"),
    "a second line": ("C1\nAA", r"C1\nAA"),
    "a line separator": ("C1\u2028AA", r"C1\u2028AA"),
    "backspaces and a delete": ("C1\b\x7f", r"C1\x08\x7f"),
    "the direction turned": ("C1\u202eAA", r"C1\u202eAA"),
    "half a character": ("\udcff", r"\udcff"),
    "other letters": ("Müller 山田", "Müller 山田"),
    "a backslash": (r"C\x1b", r"C\x1b"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_visible(text: str, expected: str) -> None:
    """Control characters and invisible characters are escaped."""
    assert expected == visible(text)


@given(st.text())
def test_always_visible(text: str) -> None:
    """Every result is printable and can be encoded."""
    assert visible(text).isprintable()
    visible(text).encode()
