"""Octets become the letters that were written, or none."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pipeline.reports.decoding import encoding_of, is_utf8_in_single, texts
from adapters.pipeline.reports.unpacking import UnreadableError


def decoded(octets: bytes, declared: str | None, size: int = 1 << 16) -> str:
    """Return the text of octets that come in pieces."""
    return "".join(texts([octets[at : at + size] for at in range(0, len(octets), size)], declared))


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.integers(1, 5))
def test_unicode(text: str, size: int) -> None:
    """UTF-8 and UTF-16 are read as written, with and without their byte order mark, in whatever pieces."""
    assert text == decoded(codecs.BOM_UTF8 + text.encode(), None, size)
    assert text == decoded(codecs.BOM_UTF16_LE + text.encode("utf-16-le"), None, size)
    assert text == decoded(codecs.BOM_UTF16_BE + text.encode("utf-16-be"), "utf-16", size)
    assert text.removeprefix("\ufeff") == decoded(text.encode(), "utf-8", size)


@given(st.text(st.characters(codec="cp1252"), max_size=40), st.integers(1, 5))
def test_single(text: str, size: int) -> None:
    """Text of cp1252 is read as written, unless its octets are UTF-8 as well."""
    octets = text.encode("cp1252")
    try:
        octets.decode()
        is_utf8 = not octets.isascii()
    except UnicodeDecodeError:
        is_utf8 = False
    if is_utf8 or octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with pytest.raises(UnreadableError):
            decoded(octets, "cp1252", size)
    else:
        assert text == decoded(octets, "cp1252", size)


@given(st.binary(max_size=60), st.sampled_from([None, "utf-8", "utf-16", "latin-1", "cp1252", "shift_jis"]))
def test_pieces(octets: bytes, declared: str | None) -> None:
    """Whether octets are in an encoding does not depend on their pieces, and nothing else is raised."""
    found = set()
    for size in (1, 2, 100):
        try:
            found.add(decoded(octets, declared, size))
        except UnreadableError as error:
            found.add(type(error).__name__)
    assert len(found) == 1


def test_encoding() -> None:
    """The byte order mark decides where nothing is set, and may not contradict what is."""
    assert encoding_of(b"abc", None) == "utf-8"
    assert encoding_of(codecs.BOM_UTF16_BE, None) == "utf-16-be"
    assert encoding_of(codecs.BOM_UTF8, "utf-8-sig") == "utf-8"
    assert encoding_of(b"abc", "cp1252") == "cp1252"
    for octets, declared in ((codecs.BOM_UTF8, "cp1252"), (codecs.BOM_UTF16_LE, "utf-16-be"), (b"abc", "utf-16")):
        with pytest.raises(UnreadableError):
            encoding_of(octets, declared)


def test_row_of_utf8() -> None:
    """Letters that are two or three octets of UTF-8 are seen in a single row."""
    assert is_utf8_in_single("Müller".encode().decode("cp1252"), "cp1252")
    assert not is_utf8_in_single("Müller", "cp1252")
    assert not is_utf8_in_single("Ã¼ Müller", "cp1252")
    assert not is_utf8_in_single("Mueller", "cp1252")
    assert not is_utf8_in_single("Ã¼", None)
