"""Escape sequences are read and written, and layout stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.editing.escapes import Escapes, escapes_of
from adapters.hl7.er7 import STANDARD, Delimiters

OTHERS = [STANDARD, Delimiters(b"#", b"!@%*"), Delimiters(b"|", b"^~\\&#"), Delimiters(b"^", b"~|]&")]

READ = {
    "none": ("abc", "abc"),
    "each": (r"\F\\S\\R\\E\\T\.", r"|^~\&."),
    "layout stays": (r"a\.br\b\H\c\N\d\X0D0A\e\.sp+2\f\Zx\g\C2842\h", None),
    "one within a path of a file": (r"C:\dir\F\x", r"C:\dir|x"),
    "one that does not end": (r"a\F", None),
    "lone ones": (r"\ \\ x\y\z", None),
    "an escaped backslash begins nothing": (r"\E\F\E\ ", r"\F\ "),
    "lower case is text": (r"\f\ ", None),
}


@pytest.mark.parametrize(("raw", "text"), READ.values(), ids=READ)
def test_read(raw: str, text: str | None) -> None:
    """Escaped delimiters become characters, everything else stays as it is."""
    assert (text if text is not None else raw) == escapes_of(STANDARD).read(raw).text


@given(st.text(), st.sampled_from(OTHERS))
def test_read_undoes_write(text: str, delimiters: Delimiters) -> None:
    """Any text is read as it was written, and no delimiter is left in it."""
    escapes = Escapes(delimiters)
    written = escapes.write(text)
    assert written is not None
    assert text == escapes.read(written).text
    assert not set(written) & set((delimiters.field + delimiters.encoding[:2] + delimiters.encoding[3:4]).decode())


@given(st.text(st.sampled_from(r"\FSTREHN.brX0 a")), st.sampled_from(OTHERS), st.integers(0, 99), st.integers(0, 99))
def test_kept_parts_are_what_was_received(raw: str, delimiters: Delimiters, one: int, other: int) -> None:
    """However a text is cut in two or three, the parts together are what was received."""
    raw = raw.replace("\\", delimiters.encoding[2:3].decode())
    text = Escapes(delimiters).read(raw)
    size = len(text.text)
    start, end = sorted((min(one, size), min(other, size)))
    assert raw == text.kept(0, start) + text.kept(start, end) + text.kept(end, size)


def test_inside_of_layout() -> None:
    """The places within a sequence for layout are known: no change may begin or end there."""
    text = escapes_of(STANDARD).read(r"\F\a\.br\b\H\\N\ ")
    assert [3, 4, 5, 6, 9, 10, 12, 13] == [place for place in range(len(text.text) + 1) if text.is_inside(place)]


@pytest.mark.parametrize("encoding", [b"", b"^", b"^~"])
def test_without_escape_character(encoding: bytes) -> None:
    """Without an escape character, a text with a delimiter cannot be written, and nothing is decoded."""
    escapes = escapes_of(Delimiters(b"|", encoding))
    assert (None, None, "a\\&") == (escapes.write("a|b"), escapes.write("a~b"), escapes.write("a\\&"))
    assert r"a\F\b" == escapes.read(r"a\F\b").text
