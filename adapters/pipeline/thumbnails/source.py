"""Opens an instance for the thumbnail: its header without names, and a file that pydicom's decoders read frames from.

Only the elements that say how an image looks are read. What a header says of people never comes into memory, except
for items of the sequences in :data:`WANTED`.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from adapters.dicom import file_meta
from adapters.dicom.encoding import Malformed
from adapters.pipeline.thumbnails.errors import NoPictureError

DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT = "1.2.840.10008.1.2.1"
BIG_ENDIAN, IMPLICIT = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"
MOST_INFLATED = 256 * 1024 * 1024
"""Most octets of a deflated data set (PS3.5 A.5), which is inflated as a whole."""
NOT_READ = "it cannot be read as a DICOM instance"
TOO_LONG = f"its deflated data set has more than {MOST_INFLATED // 2**20} MiB"
WANTED = (
    "SOPClassUID",
    "Modality",
    "ImageType",
    "SpecimenLabelInImage",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelAspectRatio",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)


@dataclass(frozen=True, slots=True)
class Source:
    """One instance: its header, and where its pixels are."""

    header: Any
    """A pydicom Dataset with the elements of WANTED."""
    file: BinaryIO
    syntax: str
    """The transfer syntax of *file*: of an instance that was deflated, the one after it was inflated."""
    pixels: int
    """Where in *file* the element of the pixel data begins; its end if there is none."""


@contextmanager
def opened(source: bytes | Path) -> Iterator[Source]:
    """Open the octets of an instance, or its file; raises NoPictureError if it cannot be read."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield _read(file)
    else:
        with BytesIO(source) as file:
            yield _read(file)


def _read(file: BinaryIO) -> Source:
    from pydicom import dcmread  # noqa: PLC0415  pydicom takes 9 MiB

    try:
        syntax, start = _meta(file)
        if syntax == DEFLATED:
            file.seek(start)
            file, syntax = _inflated(file), EXPLICIT
        file.seek(0)
        header = dcmread(file, force=True, stop_before_pixels=True, specific_tags=list(WANTED))
        return Source(header, file, syntax or _syntax_of(header), file.tell())
    except NoPictureError:
        raise
    except Exception:  # noqa: BLE001  pydicom raises whatever it likes, and its words quote values
        raise NoPictureError(NOT_READ) from None


def _meta(file: BinaryIO) -> tuple[str, int]:
    """Return the transfer syntax, and where the data set begins; nothing for a file without meta information."""
    try:
        meta = file_meta.read(file.read(2 * file_meta.MOST), is_whole=True)
        return ("", 0) if meta is None else (meta.transfer_syntax, len(meta.raw))
    except Malformed:
        return "", 0


def _syntax_of(header: Any) -> str:
    """Return the transfer syntax of a data set without File Meta Information, as pydicom has understood it."""
    is_implicit, is_little_endian = header.original_encoding
    if is_implicit:
        return IMPLICIT
    return EXPLICIT if is_little_endian else BIG_ENDIAN


def _inflated(file: BinaryIO) -> BinaryIO:
    """Return the data set that follows in *file*, inflated; raises NoPictureError if it is too long."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    octets = inflater.decompress(file.read(), MOST_INFLATED)
    if not inflater.eof and inflater.unconsumed_tail:
        raise NoPictureError(TOO_LONG)
    return BytesIO(octets)
