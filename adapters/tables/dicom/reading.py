"""Reads the header of a DICOM file from few of its octets: it asks for spans, and jumps over pixels and bulk data.

The generator does no I/O: a driver sends it the octets of each span it asks for, fewer only at the end of the file.
"""

import zlib
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

from adapters.dicom import file_meta
from adapters.dicom.encoding import DEFLATED_UIDS, SEQUENCE_END, UNDEFINED, Malformed, encoding_of
from adapters.dicom.source import CUT
from adapters.tables.dicom.data_set import PIXEL_DATA, DataSet
from adapters.tables.dicom.parser import CHARACTER_SET, LONGS, Head, Scope, ShortError, head_at, read_element, scope_of

FIRST = 32 * 1024
"""The span that is asked for first: nine headers of ten are shorter."""
MORE = 4 * 1024
DEFERRED = 64 * 1024
"""A longer value is bulk data, whatever it is."""
MOST_INFLATED = 256 * 1024 * 1024
MOST_HEADER = 64 * 1024 * 1024
"""Octets of a header that are kept in memory at once."""
MOST_ELEMENTS = 200_000


@dataclass(frozen=True, slots=True)
class Span:
    """The octets of the file that are needed next."""

    first: int
    count: int


@dataclass(slots=True)
class Instance:
    """What a file tells of itself before its pixels."""

    data_set: DataSet
    transfer_syntax: str
    media_sop_class: str = ""
    spans: list[Span] = field(default_factory=list)
    """What was read."""


Scan = Generator[Span, bytes, Instance]


def scan(size: int | None = None) -> Scan:
    """Read the header of a file of *size* octets, if that is known. Raises Malformed."""
    head = yield Span(0, FIRST)
    meta = file_meta.read(head, is_whole=len(head) < FIRST)
    if meta is None:
        head += yield Span(len(head), 2 * file_meta.MOST)
        meta = file_meta.read(head, is_whole=True)
    if meta is None:
        raise Malformed("the File Meta Information is incomplete")
    start, window = len(meta.raw), Window(head, size)
    if meta.transfer_syntax in DEFLATED_UIDS:
        window = Window((yield from _inflated(head[start:], len(head))), None)
        window.is_ended, start = True, 0
    scope = scope_of(encoding_of(meta.transfer_syntax), window.octets, start)
    yield from _elements(window, start, scope)
    return Instance(scope.data_set, meta.transfer_syntax)


class Window:
    """The octets of the file that are in memory: from ``first`` on."""

    def __init__(self, octets: bytes, size: int | None) -> None:
        self.octets, self.first = octets, 0
        self.size = len(octets) if len(octets) < FIRST else size
        self.is_ended = self.size is not None and len(octets) >= self.size

    def more(self) -> Generator[Span, bytes, bool]:
        """Read as much again as is there; return whether there was anything."""
        if self.is_ended:
            return False
        if len(self.octets) > MOST_HEADER:
            raise Malformed("an element of the header has more than 64 MiB")
        asked = Span(self.first + len(self.octets), max(MORE, min(len(self.octets), 1024 * 1024)))
        got = yield asked
        self.octets += got
        self.is_ended = len(got) < asked.count
        return bool(got)

    def jump(self, to: int) -> None:
        """Go to *to*, a place in the file, without what lies before it."""
        self.octets = self.octets[to - self.first :]
        self.first = to
        self.is_ended = self.is_ended or (self.size is not None and to >= self.size)


def _elements(window: Window, at: int, scope: Scope) -> Generator[Span, bytes, None]:
    """Read element after element; *at* is a place in the window."""
    count = 0
    while True:
        count += 1
        if count > MOST_ELEMENTS:
            raise Malformed(f"the data set has more than {MOST_ELEMENTS:,} elements")
        try:
            head = head_at(window.octets, at, scope)
            if _is_skipped(head):
                at = yield from _skip(window, head, scope)
            else:
                at = read_element(window.octets, head, scope)
        except ShortError:
            is_end = len(window.octets) < at + 8
            window.jump(window.first + at)
            at = 0
            if not (yield from window.more()):
                if is_end:
                    return  # fewer octets than an element has are padding
                raise Malformed(CUT) from None


def _is_skipped(head: Head) -> bool:
    if head.tag in PIXEL_DATA:
        return True
    return head.length != UNDEFINED and head.length > DEFERRED and head.tag != CHARACTER_SET


def _skip(window: Window, head: Head, scope: Scope) -> Generator[Span, bytes, int]:
    """Jump over a value; return the place of the next element in the window."""
    if head.tag not in PIXEL_DATA:
        scope.data_set.dropped.append(f"{head.tag:08X}")
    if head.length != UNDEFINED:
        end = window.first + head.value + head.length
        if window.size is not None and end > window.size:
            raise Malformed(CUT)
        window.jump(end)
        return 0
    at = head.value
    while True:  # fragments (PS3.5 A.4)
        while len(window.octets) < at + 8:
            if not (yield from window.more()):
                raise Malformed(CUT)
        length = LONGS[scope.order].unpack_from(window.octets, at + 4)[0]
        group, element = window.octets[at : at + 2], window.octets[at + 2 : at + 4]
        tag = int.from_bytes(group, "little") << 16 | int.from_bytes(element, "little")
        if tag == SEQUENCE_END:
            return at + 8
        if length == UNDEFINED:
            raise Malformed("a fragment of pixels has no length")
        window.jump(window.first + at + 8 + length)
        at = 0


def _inflated(first: bytes, at: int) -> Generator[Span, bytes, bytes]:
    """Read the rest of the file, and return the deflated data set (PS3.5 A.5)."""
    inflater, inflated, pending = zlib.decompressobj(-zlib.MAX_WBITS), bytearray(), first
    while True:
        try:
            inflated += inflater.decompress(pending, MOST_INFLATED + 1 - len(inflated))
        except zlib.error:
            raise Malformed("the deflated data set cannot be inflated") from None
        if len(inflated) > MOST_INFLATED:
            raise Malformed("the deflated data set inflates to more than 256 MiB")
        if inflater.eof:
            return bytes(inflated)
        pending = yield Span(at, 1024 * 1024)
        at += len(pending)
        if not pending:
            raise Malformed("the deflated data set ends too early")


def read_file(path: Path) -> Instance:
    """Read the header of a file; raises Malformed or OSError."""
    with path.open("rb") as file:
        reading = scan(path.stat().st_size)
        return _driven(reading, lambda span: (file.seek(span.first), file.read(span.count))[1])


def _driven(reading: Scan, read: Callable[[Span], bytes]) -> Instance:
    spans, octets = [], None
    try:
        span = next(reading)
        while True:
            octets = read(span)
            spans.append(Span(span.first, len(octets)))
            span = reading.send(octets)
    except StopIteration as end:
        instance: Instance = end.value
        instance.spans = spans
        return instance


async def read_object(read: Callable[[int, int], Awaitable[bytes]], size: int | None = None) -> Instance:
    """Read the header of an object by ranges: *read* takes the first octet and how many. Raises Malformed."""
    reading, spans = scan(size), []
    try:
        span = next(reading)
        while True:
            octets = await read(span.first, span.count)
            spans.append(Span(span.first, len(octets)))
            span = reading.send(octets)
    except StopIteration as end:
        instance: Instance = end.value
        instance.spans = spans
        return instance
