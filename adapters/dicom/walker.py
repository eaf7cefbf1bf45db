"""Reads elements and writes them unchanged, in pieces: a large element is never whole in memory."""

from adapters.dicom.encoding import ITEM, ITEM_END, SEQUENCE_END, Encoding, Header, Malformed
from adapters.dicom.output import Output
from adapters.dicom.source import Reading, Source

MAX_DEPTH = 32
PIXEL_DATA = 0x7FE00010
PIXELS = frozenset((0x7FE00008, 0x7FE00009, PIXEL_DATA))
"""Float Pixel Data, Double Float Pixel Data and Pixel Data."""
NO_ITEM = "a sequence contains something that is no item"
TOO_DEEP = "its sequences are nested more than 32 levels deep"
MISFIT = "an element is longer than the item or sequence it is in"


class Walker:
    """Passes elements from a source on to an output."""

    def __init__(self) -> None:
        self.source = Source()
        self.output = Output()

    def octets(self, length: int) -> Reading[None]:
        """Pass on *length* octets."""
        while length:
            piece = yield from self.source.piece(length)
            length -= len(piece)
            self.output.write(piece)

    def value(self, header: Header, encoding: Encoding, depth: int) -> Reading[None]:
        """Pass on the value after *header*."""
        if not header.is_undefined:
            yield from self.octets(header.length)
        elif has_fragments(header):
            yield from self._fragments(encoding)
        elif header.vr in {b"", b"SQ", b"UN"}:
            yield from self._items(inner(header, encoding), depth + 1)
        else:
            raise Malformed("an element that is no sequence has an undefined length")

    def _fragments(self, encoding: Encoding) -> Reading[None]:
        while (yield from self._item_follows(encoding)) is not None:
            pass

    def _items(self, encoding: Encoding, depth: int) -> Reading[None]:
        if depth > MAX_DEPTH:
            raise Malformed(TOO_DEEP)
        while (item := (yield from self._item_follows(encoding))) is not None:
            if item.is_undefined:
                yield from self._elements(encoding, depth)

    def _item_follows(self, encoding: Encoding) -> Reading[Header | None]:
        """Pass on an item's header, and its value if the length is defined; return None at the end of the sequence."""
        mark = yield from self.source.header(encoding)
        self.output.write(mark.raw)
        if mark.tag == SEQUENCE_END:
            return None
        if mark.tag != ITEM:
            raise Malformed(NO_ITEM)
        if not mark.is_undefined:
            yield from self.octets(mark.length)
        return mark

    def _elements(self, encoding: Encoding, depth: int) -> Reading[None]:
        while True:
            header = yield from self.source.header(encoding)
            self.output.write(header.raw)
            if header.tag == ITEM_END:
                return
            if header.group == 0xFFFE:
                raise Malformed(NO_ITEM)
            yield from self.value(header, encoding, depth)

    def skip(self, header: Header, encoding: Encoding, depth: int) -> Reading[None]:
        """Skip the value after *header*."""
        self.output.hold(None)
        yield from self.value(header, encoding, depth)
        self.output.release()


def has_fragments(header: Header) -> bool:
    """Whether an undefined length means fragments of encapsulated pixels (PS3.5 A.4)."""
    return header.vr in {b"OB", b"OW"} or (header.tag == PIXEL_DATA and header.vr != b"SQ")


def inner(header: Header, encoding: Encoding) -> Encoding:
    """Return the encoding of the items of a sequence."""
    return encoding.of_unknown if header.vr == b"UN" else encoding
