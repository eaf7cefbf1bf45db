"""The pixel data: cut to the image, or frame by frame without what is no image."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import Struct

from adapters.deidentify.dicom.codestream import jpeg, jpeg2000, rle
from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.dicom.unused_bits import Layout, UnusedBits, has_overlay_in_pixels, layout_of
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.dicom.encoding import ITEM, SEQUENCE_END

MARK = Struct("<HHL")
ROWS, COLUMNS, SAMPLES, FRAMES, ALLOCATED = 0x00280010, 0x00280011, 0x00280002, 0x00280008, 0x00280100
PHOTOMETRIC = 0x00280004
MOST_OF_FRAME = 64 * 1024 * 1024
"""Most octets of a compressed frame: it is whole in memory."""
JPEGS = frozenset(f"1.2.840.10008.1.2.4.{each}" for each in (50, 51, 57, 70, 80, 81))
JPEG_2000S = frozenset(f"1.2.840.10008.1.2.4.{each}" for each in (90, 91, 201, 202, 203))
RLE = "1.2.840.10008.1.2.5"
NATIVE = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"})


@dataclass(frozen=True, slots=True)
class Image:
    """What the header says of the pixels."""

    rows: int
    columns: int
    samples: int
    frames: int
    allocated: int
    photometric: str
    layout: Layout
    """Which bits of a sample are the image."""
    has_overlay: bool
    """Whether the header speaks of an overlay in the other bits."""

    @property
    def octets(self) -> int:
        """The length of native pixel data (PS3.5 8.1.1), without padding."""
        samples = self.samples
        bits = self.rows * self.columns * samples * self.frames * self.allocated
        if self.photometric == "YBR_FULL_422":
            bits = bits * 2 // 3
        return (bits + 7) // 8


def image_of(elements: Item) -> Image:
    """Return what the header says; raises HeldBackError if it says too little."""
    found = {each.tag: each.value for each in elements if each.tag >> 16 == 0x0028 and each.items is None}

    def number(tag: int) -> int:
        value = found.get(tag, b"")
        return int.from_bytes(value[:2], "little")

    try:
        frames = int(found.get(FRAMES, b"1").strip(b"\0 ") or b"1")
    except ValueError:
        raise HeldBackError("its Number of Frames is no number") from None
    photometric = found.get(PHOTOMETRIC, b"").strip(b"\0 ").decode("ascii", "replace")
    size = number(ROWS), number(COLUMNS), number(SAMPLES) or 1, frames, number(ALLOCATED)
    if not (size[0] and size[1] and size[4] and 0 < frames < 10**7):
        raise HeldBackError("its header does not say how large its image is")
    return Image(*size, photometric, layout_of(found, size[4]), has_overlay_in_pixels(elements))


class NativePixels:
    """Passes on as many octets as the image has, and one of padding; what follows is left out.

    Bits that are no part of the image are cleared.
    """

    def __init__(self, length: int, image: Image) -> None:
        wanted = image.octets
        if length < wanted:
            raise HeldBackError("its pixel data is shorter than its header says")
        self._left = wanted
        self._unused = UnusedBits(image.layout)
        self._pad = wanted % 2
        self.length = wanted + self._pad

    def receive_data(self, octets: memoryview) -> Iterator[bytes | memoryview]:
        """Take octets of the value; yield those that stay."""
        kept = octets[: self._left]
        if len(kept):
            self._left -= len(kept)
            yield self._unused.receive_data(kept)
            if not self._left and self._pad:
                yield b"\0"

    def receive_end(self) -> Iterator[bytes]:
        """Take the end; raises HeldBackError if octets of the image are missing."""
        if self._left:
            raise HeldBackError("its pixel data is shorter than its header says")
        return iter(())


class CompressedPixels:
    """Takes fragments (PS3.5 A.4); yields one for each frame, cleaned, after an empty offset table."""

    def __init__(self, transfer_syntax: str, image: Image, own: OwnIdentifiers, extended: bytes = b"") -> None:
        """Take the value of the Extended Offset Table as well, if the header has one."""
        if image.has_overlay:
            raise HeldBackError("its compressed pixels have an overlay in them, which cannot be taken out")
        self._own = own
        self._clean = _cleaner(transfer_syntax, image)
        self._frames, self._extended = image.frames, extended
        self._octets = bytearray()
        self._enough = MARK.size
        """How many octets there must be before the next fragment is complete."""
        self._fragments: list[bytes] = []
        self._size = 0
        """Octets of the fragments of the frame that is not complete yet."""
        self._starts: frozenset[int] = frozenset()
        """Where the fragments lie with which a frame begins, if an offset table says so."""
        self._at = 0
        """Where the next fragment lies, counted from the end of the offset table."""
        self._has_table = False
        self._is_ended = False
        self._made = 0

    def receive_data(self, octets: memoryview) -> Iterator[bytes]:
        """Take octets; yield fragments that are ready."""
        if self._is_ended:
            return
        if self._octets or len(octets) < self._enough:
            self._octets += octets
            if len(self._octets) < self._enough:
                return
            octets = memoryview(self._octets)
        at, self._enough = 0, MARK.size
        while len(octets) - at >= MARK.size:
            group, number, length = MARK.unpack_from(octets, at)
            tag = group << 16 | number
            if tag == SEQUENCE_END:
                self._is_ended = True
                break
            if tag != ITEM or length > MOST_OF_FRAME:
                raise HeldBackError("its fragments cannot be read, or one is longer than 64 MiB")
            if len(octets) - at - MARK.size < length:
                self._enough = MARK.size + length
                break
            at += MARK.size
            fragment = bytes(octets[at : at + length])
            at += length
            yield from self._fragment(fragment)
        self._octets = bytearray(octets[at:])

    def receive_end(self) -> Iterator[bytes]:
        """Take the end of the object; yield the last frame and the end of the sequence."""
        if not self._is_ended:
            raise HeldBackError("its pixel data ends before its last fragment")
        yield from self._gathered()
        if self._made != self._frames:
            raise HeldBackError("it has not one fragment for each frame, so that its frames cannot be told apart")
        yield MARK.pack(SEQUENCE_END >> 16, SEQUENCE_END & 0xFFFF, 0)

    def _fragment(self, fragment: bytes) -> Iterator[bytes]:
        if not self._has_table:  # text fits into it; without it readers count fragments
            self._has_table = True
            self._starts = _starts(fragment, self._frames, 4) or _starts(self._extended, self._frames, 8)
            yield MARK.pack(ITEM >> 16, ITEM & 0xFFFF, 0)
            return
        begins = self._at in self._starts if self._starts else self._frames > 1
        if begins:
            yield from self._gathered()
        self._at += MARK.size + len(fragment)
        self._fragments.append(fragment)
        self._size += MARK.size + len(fragment)
        if self._size > MOST_OF_FRAME:
            raise HeldBackError("one of its frames is longer than 64 MiB")

    def _gathered(self) -> Iterator[bytes]:
        """Yield the frame that the fragments since the last one make."""
        if self._fragments:
            frame = b"".join(self._fragments)
            self._fragments.clear()
            self._size = 0
            if self._made == self._frames:
                raise HeldBackError("it has more frames than its header says")
            yield from self._frame(frame)

    def _frame(self, octets: bytes) -> Iterator[bytes]:
        self._made += 1
        clean = self._clean(octets)
        if self._own.is_in_frame(clean):
            raise HeldBackError("one of its frames contains an identifier of its own, where its image should be")
        padding = b"\0" * (len(clean) % 2)
        yield MARK.pack(ITEM >> 16, ITEM & 0xFFFF, len(clean) + len(padding))
        yield clean
        if padding:
            yield padding


def _starts(table: bytes, frames: int, width: int) -> frozenset[int]:
    """Return where frames begin by an offset table, or nothing if it cannot be right.

    The Basic one (PS3.5 A.4) has numbers of 4 octets, the Extended one (PS3.3 C.7.6.3.1.8) of 8.
    """
    if len(table) != width * frames:
        return frozenset()
    offsets = [int.from_bytes(table[at : at + width], "little") for at in range(0, len(table), width)]
    return frozenset(offsets) if offsets[0] == 0 and offsets == sorted(set(offsets)) else frozenset()


def _cleaner(transfer_syntax: str, image: Image) -> Callable[[bytes], bytes]:
    if transfer_syntax in JPEGS:
        return jpeg.cleaned
    if transfer_syntax in JPEG_2000S:
        return jpeg2000.cleaned
    if transfer_syntax == RLE:
        return lambda frame: rle.cleaned(frame, image.rows * image.columns)
    raise HeldBackError("its transfer syntax is not one whose frames can be cleaned")
