"""The header fields of a reply. Few replies are asked for one, so the fields are read at the first question."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypeVar, overload

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

MAX_FIELDS = 16 * 1024
"""Most fields of a head that are kept: a field has at least four octets, and a head at most 64 KiB."""

# The usual head: a final one, with CRLF behind each line and printable values. Others are read by the parser.
_PLAIN_HEAD = re.compile(rb"HTTP/1\.[01] [2-5]\d\d [ -~]*\r\n((?:[A-Za-z0-9-]+:[ \t]*[ -~]*\r\n)*)\r\n")

T = TypeVar("T")
FieldList = list[tuple[bytes, bytes]]


class Fields(Mapping[str, str]):
    """Header fields. Names are case-insensitive; of several fields with the same name the first one counts."""

    def __init__(self, fields: FieldList) -> None:
        # Octets that are not UTF-8 must not raise an exception; they are opaque data (RFC 9110 5.5).
        self._values = {
            name.decode("latin-1").lower(): value.rstrip(b" \t").decode("utf-8", "surrogateescape")
            for name, value in reversed(fields)
        }

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class UnreadFields(Mapping[str, str]):
    """The fields of the head in *octets*, with which a reply begins; more than the head may have come with it."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._lower = octets.lower()
        self._list: FieldList | None = None
        self._fields: Fields | None = None

    def mentions(self, name: bytes) -> bool:
        """Return whether there may be a field *name*, which is given in lower case."""
        return name in self._lower

    def all_of(self, name: bytes) -> list[bytes]:
        """Return the values of all fields *name*, which is given in lower case."""
        if name not in self._lower:
            return []
        return [value for each, value in self._all() if each.lower() == name]

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, /, default: str | T) -> str | T: ...
    def get(self, name: str, /, default: str | T | None = None) -> str | T | None:
        """Return the field *name*, or *default*. Nothing is read if the name is nowhere in the octets."""
        if name.lower().encode("latin-1", "replace") not in self._lower:
            return default
        return self._named().get(name, default)

    def __getitem__(self, name: str) -> str:
        return self._named()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named())

    def __len__(self) -> int:
        return len(self._named())

    def _named(self) -> Fields:
        if self._fields is None:
            self._fields = Fields(self._all())
        return self._fields

    def _all(self) -> FieldList:
        if self._list is None:
            plain = _PLAIN_HEAD.match(self._octets)
            self._list = FieldReader().read(self._octets) if plain is None else _split(plain[1])
        return self._list


def _split(lines: bytes) -> FieldList:
    found = [line.partition(b":") for line in lines.split(b"\r\n", MAX_FIELDS)[:-1][:MAX_FIELDS]]
    return [(name, value.strip(b" \t")) for name, _, value in found]


class FieldReader:
    """Reads the fields of a final head, not those of interim heads before it (RFC 9110 15.2) or of a trailer."""

    def __init__(self) -> None:
        self._fields: FieldList = []
        self._is_over = False
        self._parser = reply_parser(self)

    def read(self, octets: bytes) -> FieldList:
        """Return the fields of the head in *octets*; what follows the head may be malformed."""
        with suppress(HttpParserError, HttpParserUpgrade):
            self._parser.feed_data(octets)
        return self._fields

    def on_message_begin(self) -> None:
        """Forget the fields of an interim head."""
        if not self._is_over:
            self._fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a field of the head."""
        if not self._is_over and len(self._fields) < MAX_FIELDS:
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """End the reading with the final head."""
        self._is_over = self._is_over or not is_interim(self._parser.get_status_code())


def is_interim(status: int) -> bool:
    """Return whether *status* is followed by another one; 101, which switches protocols, is not."""
    return 100 <= status < 200 and status != 101


def reply_parser(protocol: object) -> HttpResponseParser:
    """Return a parser that calls the methods of *protocol*."""
    parser = HttpResponseParser(protocol)
    # Older servers end lines with LF alone, put control characters in fields and spaces after a chunk's size. To
    # accept that is dangerous where two readers of one message may disagree; here Hilum is the only reader.
    parser.set_dangerous_leniencies(
        lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
    )
    return parser
