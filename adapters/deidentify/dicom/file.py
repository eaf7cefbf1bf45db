"""De-identifies a Part 10 file that comes in pieces: the header as a whole, then the pixel data as it comes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapters.deidentify.dicom.admission import is_searched, refuse
from adapters.deidentify.dicom.byte_order import PixelSwapper
from adapters.deidentify.dicom.identity import INSTANCE, SOP_CLASS, text_of
from adapters.deidentify.dicom.pixel_data import (
    JPEG_2000S,
    JPEGS,
    NATIVE,
    RLE,
    CompressedPixels,
    Image,
    NativePixels,
    image_of,
)
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.dicom.tree import LONG, SHORT, Element, written
from adapters.deidentify.dicom.tree_reader import TreeReader
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.dicom import file_meta
from adapters.dicom.encoding import BIG_ENDIAN_UID, DEFLATED_UIDS, UNDEFINED, Malformed, encoding_of
from adapters.dicom.inflating import Inflater
from gateway.contract.body import Buffer

if TYPE_CHECKING:  # it imports numpy, which only the extra brings
    from adapters.deidentify.dicom.pixels.redacting import Redacting
    from adapters.deidentify.dicom.pixels.redactor import Redactor

MOST_HEADER = 16 * 1024 * 1024
"""Most octets of a header: it is whole in memory. Functional groups of a multi-frame image take a few MiB."""
MOST_META = 2 * file_meta.MOST
"""Octets in which the File Meta Information ends, or is too long."""
PIECE = 64 * 1024
"""Octets that the header is read from at once; those of the pixel data behind it are not copied."""
EXPLICIT, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"
IMPLEMENTATION = b"2.25.166403282953107098219014286270325243781"
"""Implementation Class UID of files that Hilum writes."""
EXTENDED_OFFSETS, PIXEL_DATA = 0x7FE00001, 0x7FE00010
KNOWN = NATIVE | JPEGS | JPEG_2000S | {RLE, BIG_ENDIAN_UID}


class FileDeidentifier:
    """Takes a file in pieces and yields the de-identified one. Nothing is yielded before the header is done."""

    def __init__(
        self,
        transformer: DicomTransformer,
        manifest: Manifest,
        redacting: "Redacting | None" = None,
    ) -> None:
        """Take what covers text in images; without it, images that would be searched are held back."""
        self._transformer, self.manifest, self._redacting = transformer, manifest, redacting
        self._head = b""
        """The octets so far, while they are not the whole File Meta Information."""
        self._syntax = ""
        self._reader: TreeReader | None = None
        self._inflater: Inflater | None = None
        self._pixels: NativePixels | CompressedPixels | None = None
        self._is_big = False
        self._swapper: PixelSwapper | None = None
        self._is_done = False
        self._redactor: Redactor | None = None
        self.instance = ""
        """The new SOP Instance UID, once the header is done."""

    @property
    def gathered(self) -> int:
        """The octets of the image that is kept in memory until its end: 0 if it is not searched for text."""
        return 0 if self._redactor is None else self._redactor.octets

    @property
    def is_searching(self) -> bool:
        """Whether the image is, or may be, searched for text at the end, which takes seconds."""
        return self._redactor is not None or (self._redacting is not None and not self._is_done)

    def receive_data(self, octets: Buffer) -> Iterator[Buffer]:
        """Take the next octets; yield those that are ready. Raises HeldBackError or Malformed."""
        if self._reader is None:
            yield from self._begin(b"".join((self._head, octets)) if self._head else octets, is_whole=False)
        else:
            yield from self._data_set(memoryview(octets))

    def receive_end(self) -> Iterator[Buffer]:
        """Take the end of the file; yield the rest."""
        if self._reader is None:
            yield from self._begin(self._head, is_whole=True)
        if self._reader is None:
            raise Malformed("the file ends before its data set begins")
        if self._inflater is not None:
            self._inflater.receive_end()
        if not self._is_done:
            self._reader.feed(b"", is_last=True)
            yield self._header(self._reader)
            yield from self._image(self._reader.rest)
        if self._pixels is not None:
            yield from self._passed_on(self._pixels.receive_end())
        if self._redactor is not None:
            yield from self._searched(self._redactor, self._reader)

    def _begin(self, octets: Buffer, *, is_whole: bool) -> Iterator[Buffer]:
        view = memoryview(octets)
        meta = file_meta.read(bytes(view[:MOST_META]), is_whole=is_whole and len(view) <= MOST_META)
        if meta is None:
            self._head = bytes(octets)
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
        self._head = b""
        yield from self._data_set(view[len(meta.raw) :])

    def _data_set(self, octets: memoryview) -> Iterator[Buffer]:
        if self._inflater is None:
            yield from self._plain(octets)
            return
        for piece in self._inflater.receive_data(octets):
            yield from self._plain(memoryview(piece))

    def _plain(self, octets: memoryview) -> Iterator[Buffer]:
        assert self._reader is not None  # noqa: S101  _begin has made it
        at = 0
        while not self._is_done and at < len(octets):
            if self._reader.feed(octets[at : at + PIECE]):
                yield self._header(self._reader)
                yield from self._image(self._reader.rest)
                if self._redactor is None:
                    self._reader.forget()
            at += PIECE
        if at < len(octets):
            yield from self._image(octets[at:])

    def _image(self, octets: memoryview) -> Iterator[Buffer]:
        if self._pixels is not None:
            yield from self._passed_on(
                self._pixels.receive_data(octets if self._swapper is None else self._swapper.receive_data(octets))
            )

    def _passed_on(self, made: Iterator[Buffer]) -> Iterator[Buffer]:
        """Yield octets of the pixel data; if they are searched, nothing goes on before their end."""
        if self._redactor is None:
            yield from made
            return
        for each in made:
            self._redactor.gather(each)

    def _header(self, reader: TreeReader) -> bytes:
        """Return the new header, up to the value of the pixel data; nothing if the image is searched first."""
        self._is_done = True
        profile = self._transformer.profile
        refuse(reader.elements, profile, has_pixels=reader.pixels is not None)
        if profile.pixels == "keep" and reader.pixels is not None:
            self.manifest.skipped.append("pixels")
        image = image_of(reader.elements) if reader.pixels is not None else None
        if image is not None and is_searched(reader.elements, profile):
            self._redactor = self._redactor_of(reader, image)
        extended = [each.value for each in reader.elements[-2:] if each.tag == EXTENDED_OFFSETS]  # it goes
        self.instance, own = self._transformer.transform(reader.elements, self.manifest)
        if reader.pixels is None or image is None:
            return self._written(reader)
        tag, vr, length = reader.pixels
        if length == UNDEFINED:
            self._pixels = CompressedPixels(self._syntax, image, own, *extended)
        else:
            if self._syntax not in NATIVE:
                raise HeldBackError("its pixel data is not in fragments although its transfer syntax is compressed")
            self._pixels = NativePixels(length, image)
            self._swapper = PixelSwapper(vr, image.allocated) if self._is_big else None
            length = self._pixels.length
        reader.pixels = tag, vr, length
        return b"" if self._redactor is not None else self._written(reader)

    def _redactor_of(self, reader: TreeReader, image: Image) -> "Redactor":
        if self._redacting is None:
            raise HeldBackError("no detector of text is installed (the extra `ocr`), and its image may show text")
        if reader.pixels is None or reader.pixels[0] != PIXEL_DATA:
            raise HeldBackError("its image is made of decimal numbers, which cannot be searched for text")
        from adapters.deidentify.dicom.pixels.redactor import Redactor  # noqa: PLC0415  it imports numpy

        return Redactor(reader.elements, image, self._transformer.profile, self._redacting)

    def _searched(self, redactor: "Redactor", reader: TreeReader) -> Iterator[Buffer]:
        """Search the image and yield the object: with the octets of the original pixels if there is no text."""
        from adapters.deidentify.dicom.pixels.statement import state_form, state_searched  # noqa: PLC0415  likewise

        redactor.search(self._syntax)
        state_searched(reader.elements)
        for _ in redactor.boxes:
            self.manifest.note("pixels", "redacted")
        if not redactor.boxes:
            yield self._written(reader)
            yield redactor.untouched()
            return
        redacted = redactor.redacted(self._syntax)
        if self._syntax not in NATIVE:
            self._syntax = EXPLICIT
            state_form(reader.elements, redacted.form)
            reader.pixels = PIXEL_DATA, b"OW" if redacted.form.allocated > 8 else b"OB", redacted.length
        yield self._written(reader)
        yield from redacted.octets()

    def _written(self, reader: TreeReader) -> bytes:
        """Return File Meta Information and the header."""
        is_implicit = encoding_of(self._syntax).is_implicit
        head = written(reader.elements, is_implicit=is_implicit)
        if reader.pixels is not None:
            tag, vr, length = reader.pixels
            mark = SHORT.pack(tag >> 16) + SHORT.pack(tag & 0xFFFF)
            head += mark + (b"" if is_implicit else vr + b"\0\0") + LONG.pack(length)
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
