"""De-identifies a Part 10 file that comes in pieces: the header as a whole, then the pixel data as it comes."""

from collections.abc import Iterator

from adapters.deidentify.dicom.admission import refuse
from adapters.deidentify.dicom.byte_order import PixelSwapper
from adapters.deidentify.dicom.identity import INSTANCE, SOP_CLASS, text_of
from adapters.deidentify.dicom.pixel_data import (
    JPEG_2000S,
    JPEGS,
    NATIVE,
    RLE,
    CompressedPixels,
    NativePixels,
    image_of,
)
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.dicom.tree import LONG, SHORT, Element, TreeReader, written
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.dicom import file_meta
from adapters.dicom.encoding import BIG_ENDIAN_UID, DEFLATED_UIDS, UNDEFINED, Malformed, encoding_of
from adapters.dicom.inflating import Inflater
from gateway.contract.body import Buffer

MOST_HEADER = 16 * 1024 * 1024
"""Most octets of a header: it is whole in memory. Functional groups of a multi-frame image take a few MiB."""
EXPLICIT, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"
IMPLEMENTATION = b"2.25.166403282953107098219014286270325243781"
"""Implementation Class UID of files that Hilum writes."""
KNOWN = NATIVE | JPEGS | JPEG_2000S | {RLE, BIG_ENDIAN_UID}


class FileDeidentifier:
    """Takes a file in pieces and yields the de-identified one. Nothing is yielded before the header is done."""

    def __init__(self, transformer: DicomTransformer, manifest: Manifest) -> None:
        self._transformer, self.manifest = transformer, manifest
        self._head = bytearray()
        self._syntax = ""
        self._reader: TreeReader | None = None
        self._inflater: Inflater | None = None
        self._pixels: NativePixels | CompressedPixels | None = None
        self._is_big = False
        self._swapper: PixelSwapper | None = None
        self._is_done = False
        self.instance = ""
        """The new SOP Instance UID, once the header is done."""

    def receive_data(self, octets: Buffer) -> Iterator[Buffer]:
        """Take the next octets; yield those that are ready. Raises HeldBackError or Malformed."""
        if self._reader is None:
            self._head += octets
            yield from self._begin(is_whole=False)
        else:
            yield from self._data_set(memoryview(octets))

    def receive_end(self) -> Iterator[Buffer]:
        """Take the end of the file; yield the rest."""
        if self._reader is None:
            yield from self._begin(is_whole=True)
        if self._reader is None:
            raise Malformed("the file ends before its data set begins")
        if self._inflater is not None:
            self._inflater.receive_end()
        if not self._is_done:
            self._reader.feed(b"", is_last=True)
            yield self._header(self._reader)
            yield from self._image(self._reader.rest)
        if self._pixels is not None:
            yield from self._pixels.receive_end()

    def _begin(self, *, is_whole: bool) -> Iterator[Buffer]:
        meta = file_meta.read(bytes(self._head), is_whole=is_whole)
        if meta is None:
            return
        self._syntax = meta.transfer_syntax
        if self._syntax not in KNOWN:
            raise HeldBackError("its transfer syntax cannot be de-identified (video, or not known)")
        if self._syntax in DEFLATED_UIDS:
            self._inflater, self._syntax = Inflater(), EXPLICIT
        elif self._syntax == BIG_ENDIAN_UID:
            self._is_big, self._syntax = True, EXPLICIT
        is_implicit = encoding_of(self._syntax).is_implicit
        self._reader = TreeReader(is_implicit=is_implicit, most=MOST_HEADER, is_big=self._is_big)
        rest = bytes(memoryview(self._head)[len(meta.raw) :])
        self._head.clear()
        yield from self._data_set(memoryview(rest))

    def _data_set(self, octets: memoryview) -> Iterator[Buffer]:
        if self._inflater is None:
            yield from self._plain(octets)
            return
        for piece in self._inflater.receive_data(octets):
            yield from self._plain(memoryview(piece))

    def _plain(self, octets: memoryview) -> Iterator[Buffer]:
        assert self._reader is not None  # noqa: S101  _begin has made it
        if self._is_done:
            yield from self._image(octets)
        elif self._reader.feed(octets):
            yield self._header(self._reader)
            yield from self._image(self._reader.rest)

    def _image(self, octets: memoryview) -> Iterator[Buffer]:
        if self._pixels is not None:
            yield from self._pixels.receive_data(
                octets if self._swapper is None else self._swapper.receive_data(octets)
            )

    def _header(self, reader: TreeReader) -> bytes:
        """Return the new header, up to the value of the pixel data."""
        self._is_done = True
        profile = self._transformer.profile
        refuse(reader.elements, profile, has_pixels=reader.pixels is not None)
        if profile.pixels == "keep" and reader.pixels is not None:
            self.manifest.skipped.append("pixels")
        image = image_of(reader.elements) if reader.pixels is not None else None
        self.instance, own = self._transformer.transform(reader.elements, self.manifest)
        is_implicit = encoding_of(self._syntax).is_implicit
        head = written(reader.elements, is_implicit=is_implicit)
        if reader.pixels is not None and image is not None:
            tag, vr, length = reader.pixels
            if length == UNDEFINED:
                self._pixels = CompressedPixels(self._syntax, image, own)
                size = UNDEFINED
            else:
                if self._syntax not in NATIVE:
                    raise HeldBackError("its pixel data is not in fragments although its transfer syntax is compressed")
                self._pixels = NativePixels(length, image)
                self._swapper = PixelSwapper(vr, image.allocated) if self._is_big else None
                size = self._pixels.length
            mark = SHORT.pack(tag >> 16) + SHORT.pack(tag & 0xFFFF)
            head += mark + (b"" if is_implicit else vr + b"\0\0") + LONG.pack(size)
        return self._meta(reader) + head

    def _meta(self, reader: TreeReader) -> bytes:
        """Return an empty preamble and new File Meta Information: nothing of the old one stays (PS3.10 7.1)."""
        elements = [
            Element(0x00020001, b"OB", b"\0\x01"),
            Element(0x00020002, b"UI", text_of(reader.elements, SOP_CLASS).encode()),
            Element(0x00020003, b"UI", text_of(reader.elements, INSTANCE).encode()),
            Element(0x00020010, b"UI", self._syntax.encode()),
            Element(0x00020012, b"UI", IMPLEMENTATION),
        ]
        group = written(elements, is_implicit=False)
        return (
            bytes(128)
            + b"DICM"
            + written([Element(0x00020000, b"UL", LONG.pack(len(group)))], is_implicit=False)
            + group
        )
