"""Octets become text in the declared encoding, or there is a reason why not: never other letters than were written."""

import codecs
import re
from collections.abc import Iterable, Iterator

from adapters.pipeline.reports.settings import SINGLE, WIDE
from adapters.pipeline.reports.unpacking import UnreadableError

BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
LONGEST_BOM = 3
CONTROLS = re.compile("[\x80-\x9f]")
"""C1 (ISO 6429): in a text that is read as Latin-1, these are letters of cp1252."""
UTF8_IN_SINGLE = re.compile(rb"(?:[\x00-\x7f]|[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf])+\Z")
"""UTF-8 as it looks in western texts: letters of Latin-1, dashes, quotation marks, signs of currencies."""


def encoding_of(first: bytes, declared: str | None) -> str:
    """Return the encoding of a file by its first octets; raises UnreadableError if they contradict *declared*."""
    marked = next((name for bom, name in BOMS.items() if first.startswith(bom)), None)
    if declared is None:
        return "utf-8" if marked is None else marked
    if declared == "utf-16" and marked is None:
        raise UnreadableError("it has no byte order mark; set `encoding` to utf-16-le or utf-16-be")
    plain = declared.removesuffix("-sig")
    if marked is not None and marked != plain and not (plain == "utf-16" and marked in WIDE):
        raise UnreadableError("its byte order mark is that of another encoding than `encoding` says; correct that")
    return marked or plain


def texts(pieces: Iterable[bytes], declared: str | None) -> Iterator[str]:
    """Yield the text of a file, without a byte order mark; raises UnreadableError where it is in another encoding."""
    begun = iter(pieces)
    first = b""
    for piece in begun:
        first += piece
        if len(first) >= LONGEST_BOM:
            break
    encoding = encoding_of(first, declared)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    utf8 = _Utf8() if encoding in SINGLE else None
    bom = next((each for each, name in BOMS.items() if first.startswith(each) and name == encoding), b"")
    try:
        for octets in _chained(first.removeprefix(bom), begun):
            text = decoder.decode(octets)
            _check(text, utf8, octets)
            yield text
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnreadableError("its octets are not in the encoding that `encoding` says; correct that") from None
    if utf8 is not None and utf8.is_it():
        raise UnreadableError("its octets are UTF-8, and `encoding` says another one; correct that")


def is_utf8_in_single(text: str, encoding: str | None) -> bool:
    """Whether a row was UTF-8 although the rest of the file is in an encoding with one octet for each character."""
    if encoding not in SINGLE or text.isascii():
        return False
    return UTF8_IN_SINGLE.match(text.encode(encoding, "replace")) is not None


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _check(text: str, utf8: "_Utf8 | None", octets: bytes) -> None:
    if utf8 is None:
        return
    utf8.receive(octets)
    if not octets.isascii() and CONTROLS.search(text):
        raise UnreadableError("it has octets that are no letters in the encoding that `encoding` says; try cp1252")


class _Utf8:
    """Whether octets are UTF-8, and more than ASCII: then hardly any other encoding was meant."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._is_sound, self._is_ascii = True, True

    def receive(self, octets: bytes) -> None:
        self._is_ascii = self._is_ascii and octets.isascii()
        if self._is_sound and not self._is_ascii:
            self._is_sound = self._decodes(octets)

    def is_it(self) -> bool:
        return self._is_sound and not self._is_ascii and self._decodes(b"", final=True)

    def _decodes(self, octets: bytes, *, final: bool = False) -> bool:
        try:
            self._decoder.decode(octets, final)
        except UnicodeDecodeError:
            return False
        return True
