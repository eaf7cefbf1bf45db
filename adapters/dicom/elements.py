"""Reads some elements from the beginning of an instance, for a route that matches on them, and passes the instance on.

The data set is read only as far as the last wanted tag, and at most MOST octets of it: an element that has not come
until then counts as absent, and so does one that cannot be read. Only elements outside sequences are read.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing
from dataclasses import dataclass
from struct import iter_unpack
from typing import cast

from adapters.dicom import charset, file_meta
from adapters.dicom.dictionary import vr_of
from adapters.dicom.encoding import DEFLATED_UIDS, Encoding, Header, Malformed, encoding_of
from adapters.dicom.inflating import Inflater
from adapters.dicom.paths import parse, written
from adapters.dicom.plain import CHARACTER_SET
from adapters.dicom.source import Reading
from adapters.dicom.values import NUMBERS, PATTERNS, WITH_BACKSLASH
from adapters.dicom.walker import PIXELS, Walker
from gateway.contract.body import Body, Buffer
from gateway.contract.errors import LocalProtocolError

MOST = 1024 * 1024
MOST_VALUE = 64 * 1024


def element_tag(text: str) -> int:
    """Return the tag of an element outside sequences and pixel data; raise ValueError if *text* names no such one."""
    names = parse(text)
    if len(names) > 1 or names[0].creator:
        raise ValueError(f"{text}: a route matches elements outside sequences, by keyword or tag")
    tag = names[0].tag
    if tag > min(PIXELS) or not (vr_of(tag) in PATTERNS or vr_of(tag) in NUMBERS):
        raise ValueError(f"{text}: {written(tag)} is no text or number that PS3.6 has before the pixel data")
    return tag


async def read_elements(body: Body, wanted: Collection[int]) -> tuple[dict[int, str], Body]:
    """Return the texts of the *wanted* elements that *body* has, and a new body with the same octets.

    Several values are joined by a backslash. The given *body* must not be used any more.
    """
    if not wanted:
        return {}, body
    reader, front = FrontReader(wanted), []
    chunks = cast("AsyncGenerator[Buffer, None]", body.chunks())
    async for chunk in chunks:
        front.append(chunk)
        if reader.receive_data(chunk):
            break
    if body.replayable:
        await chunks.aclose()
        return reader.values(), body
    return reader.values(), ReadBody(body, front, chunks)


class FrontReader:
    """Takes a Part 10 file in pieces until the wanted elements have come, or can no longer come."""

    def __init__(self, wanted: Collection[int]) -> None:
        self._wanted = wanted
        self._head = bytearray()
        self._received = 0
        self._elements: Elements | None = None
        self._inflater: Inflater | None = None

    def receive_data(self, octets: Buffer) -> bool:
        """Take the next octets; return whether no more are needed."""
        self._received += len(octets)
        try:
            return self._receive(octets) or self._received > 2 * MOST
        except Malformed:
            return True

    def values(self) -> dict[int, str]:
        """Return the texts of the elements found."""
        return {} if self._elements is None else self._elements.values()

    def _receive(self, octets: Buffer) -> bool:
        if self._elements is not None:
            return self._read(self._elements, octets)
        self._head += memoryview(octets)[: 2 * MOST]
        found = file_meta.read(bytes(self._head), is_whole=False)
        if found is None:
            return False
        data_set = bytes(self._head[len(found.raw) :])
        self._head.clear()
        if found.transfer_syntax in DEFLATED_UIDS:
            self._inflater = Inflater()
        self._elements = Elements(self._wanted, encoding_of(found.transfer_syntax))
        return self._read(self._elements, data_set)

    def _read(self, elements: "Elements", octets: Buffer) -> bool:
        pieces = [memoryview(octets)[: MOST + 1]] if self._inflater is None else self._inflater.receive_data(octets)
        return any(elements.receive_data(piece) for piece in pieces)


class Elements(Walker):
    """Takes a data set in pieces and keeps the values of the *wanted* elements."""

    def __init__(self, wanted: Collection[int], encoding: Encoding) -> None:
        super().__init__()
        self._wanted, self._encoding = wanted, encoding
        self._found: dict[int, tuple[bytes, bytes]] = {}
        self._is_over = False
        self._reading = self._read()
        self.output.hold(None)

    def receive_data(self, octets: Buffer) -> bool:
        """Take the next octets; return whether no more are needed."""
        self.source.feed(octets)
        next(self._reading, None)
        return self._is_over or self.source.position > MOST

    def _read(self) -> Reading[None]:
        last = min(max(self._wanted), min(PIXELS) - 1)
        while (yield from self.source.has_more()):
            header = yield from self.source.header(self._encoding)
            if header.tag > last:
                self._is_over = True
                return
            if (header.tag in self._wanted or header.tag == CHARACTER_SET) and header.length <= MOST_VALUE:
                yield from self._keep(header, last)
                if self._is_over:
                    return
            else:
                yield from self.value(header, self._encoding, 0)

    def _keep(self, header: Header, last: int) -> Reading[None]:
        value = yield from self.source.take(header.length)
        if self.source.position <= MOST:  # so that the result does not depend on the size of the pieces
            self._found.setdefault(header.tag, (header.vr, value))
        self._is_over = header.tag == last or self.source.position > MOST

    def values(self) -> dict[int, str]:
        """Return the texts of the elements found."""
        charsets = self._found.get(CHARACTER_SET, (b"", b""))[1].decode("latin-1")
        names = [each.strip("\0 ") for each in charsets.split("\\")]
        texts = {tag: self._text(tag, *self._found[tag], names) for tag in self._found if tag in self._wanted}
        return {tag: text for tag, text in texts.items() if text is not None}

    def _text(self, tag: int, vr: bytes, value: bytes, names: list[str]) -> str | None:
        vr = vr if vr not in {b"", b"UN"} else vr_of(tag)
        if vr in NUMBERS:
            size = {"H": 2, "L": 4, "Q": 8, "F": 4, "D": 8}[NUMBERS[vr][0].upper()]
            whole = value[: len(value) - len(value) % size]
            return "\\".join(str(each) for (each,) in iter_unpack(self._encoding.order + NUMBERS[vr][0], whole))
        if vr not in PATTERNS:
            return None
        text = charset.decode(value, names)
        return text.rstrip("\0 ") if vr in WITH_BACKSLASH else "\\".join(each.strip("\0 ") for each in text.split("\\"))


@dataclass(slots=True)
class ReadBody:
    """A body whose beginning has been read already; it can be read once."""

    original: Body
    front: list[Buffer]
    rest: AsyncGenerator[Buffer, None]
    is_taken: bool = False

    @property
    def length(self) -> int | None:
        """The length of the original body."""
        return self.original.length

    @property
    def replayable(self) -> bool:
        """False: the octets read are not kept."""
        return False

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the beginning that has been read, then the rest."""
        if self.is_taken:
            raise LocalProtocolError("the body of an arriving instance can be read only once")
        self.is_taken = True
        async with aclosing(self.rest) as rest:
            while self.front:
                yield self.front.pop(0)
            async for chunk in rest:
                yield chunk
