"""Decodes single frames. Each transfer syntax has its decoders in a fixed order: the octets never differ by chance.

Of a compressed frame the size is read first: a decoder takes as much memory as the codestream says.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from struct import Struct
from typing import Any, NamedTuple

from adapters.dicom.codestream import size_of
from adapters.pipeline.thumbnails.errors import NoPictureError
from adapters.pipeline.thumbnails.source import BIG_ENDIAN, EXPLICIT, IMPLICIT, Source

JPEG = "1.2.840.10008.1.2.4."
RLE = "1.2.840.10008.1.2.5"
NATIVE = frozenset({IMPLICIT, EXPLICIT, BIG_ENDIAN})
DECODERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(NATIVE, ("",)),
    f"{JPEG}50": ("pillow",),  # baseline
    f"{JPEG}51": ("pillow",),  # extended: of 8 bits; none of these libraries decodes 12
    f"{JPEG}57": ("gdcm",),  # lossless
    f"{JPEG}70": ("gdcm",),  # lossless, selection value 1
    f"{JPEG}80": ("pyjpegls",),  # JPEG-LS, lossless
    f"{JPEG}81": ("pyjpegls",),  # JPEG-LS, near-lossless
    f"{JPEG}90": ("pillow", "gdcm"),  # JPEG 2000, lossless
    f"{JPEG}91": ("pillow", "gdcm"),  # JPEG 2000
    f"{JPEG}201": ("pylibjpeg",),  # HTJ2K, lossless; with the packages pylibjpeg and pylibjpeg-openjpeg
    f"{JPEG}202": ("pylibjpeg",),  # HTJ2K, lossless, RPCL
    f"{JPEG}203": ("pylibjpeg",),  # HTJ2K
    RLE: ("pydicom",),
}
"""The names of pydicom's plug-ins, the first one that can decode a frame counts. MPEG, HEVC and JPIP have none.

All give the same numbers (seen on 38 files). gdcm comes last: some damaged frames make it end the whole process.
"""
NO_DECODER = "its transfer syntax has no decoder here"
NOT_DECODED = "its frame cannot be decoded"
OTHER_SIZE = "its compressed frame has another size than its header says"
UNDEFINED = 0xFFFFFFFF


def pixels_tag(source: Source) -> int | None:
    """Return the tag of the element of the pixel data; None if the instance has none."""
    start = _start(source)
    return None if start is None else start.tag


def decoders_of(syntax: str) -> Iterator[str]:
    """Yield the decoders of a transfer syntax that are installed; raises NoPictureError if there is none."""
    names = DECODERS.get(syntax, ())
    if syntax not in NATIVE:
        names = tuple(islice(_installed(syntax, names), len(names)))
    if not names:
        raise NoPictureError(NO_DECODER)
    yield from names


def _installed(syntax: str, names: tuple[str, ...]) -> Iterator[str]:
    if not names:
        return
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415  pydicom takes 9 MiB

    there = get_decoder(syntax).available_plugins
    yield from (each for each in names if each in there)


def decoded(source: Source, number: int) -> Any:
    """Return one frame, counted from 0: height by width, or by 3 for colours; raises NoPictureError."""
    header = source.header
    for name in decoders_of(source.syntax):
        frame = _decoded_by(name, source, number)
        if frame is not None and frame.shape[:2] == (header.Rows, header.Columns) and frame.dtype.kind in "iu":
            return frame
    raise NoPictureError(NOT_DECODED)


def _decoded_by(name: str, source: Source, number: int) -> Any:
    """Return what one decoder makes of a frame; None if it cannot decode it."""
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415  pydicom takes 9 MiB
    from pydicom.pixels.utils import as_pixel_options  # noqa: PLC0415  likewise
    from pydicom.uid import UID  # noqa: PLC0415  likewise

    try:
        if source.syntax not in NATIVE:
            check_size(source, number)
        pixels = _start(source)
        assert pixels is not None  # noqa: S101  an instance without pixels is refused before
        told = as_pixel_options(
            source.header, transfer_syntax_uid=UID(source.syntax), pixel_keyword="PixelData", pixel_vr=pixels.vr
        )
        source.file.seek(pixels.value)
        frame, _ = get_decoder(source.syntax).as_array(source.file, index=number, decoding_plugin=name, **told)
    except NoPictureError:
        raise
    except Exception:  # noqa: BLE001  plug-ins raise whatever they like, and quote the file
        return None
    return frame


def check_size(source: Source, number: int) -> None:
    """Raise NoPictureError if a compressed frame says that it has another size than the header says, or more bits."""
    from pydicom.encaps import get_frame  # noqa: PLC0415  likewise

    header, start = source.header, _start(source)
    if start is None:
        raise NoPictureError(NOT_DECODED)
    source.file.seek(start.value)
    offsets = header.get("ExtendedOffsetTable"), header.get("ExtendedOffsetTableLengths")
    frame = get_frame(
        source.file,
        number,
        number_of_frames=frames_of(header),
        extended_offsets=offsets if all(offsets) else None,
    )
    if source.syntax == RLE:  # its frames have no size of their own: what is decoded is measured by the header
        return
    said = size_of(frame)
    if said is None:  # no decoder is asked: gdcm prints octets of what it does not understand
        raise NoPictureError(NOT_DECODED)
    if said[:2] != (header.Rows, header.Columns) or said.samples != int(header.get("SamplesPerPixel") or 1):
        raise NoPictureError(OTHER_SIZE)
    if not 1 < said.bits <= int(header.get("BitsAllocated") or 8):
        raise NoPictureError(OTHER_SIZE)


def frames_of(header: Any) -> int:
    """Return the number of frames; raises NoPictureError if the header says none, or nonsense."""
    try:
        count = int(header.get("NumberOfFrames") or 1)
    except (ValueError, TypeError):
        count = 0
    if count < 1:
        raise NoPictureError(NOT_DECODED)
    return count


class _Start(NamedTuple):
    """The element of the pixel data: its tag, its value representation, and where its value begins."""

    tag: int
    vr: str
    value: int


def _start(source: Source) -> _Start | None:
    """Return where the pixel data is; None if the instance has none."""
    order = ">" if source.syntax == BIG_ENDIAN else "<"
    source.file.seek(source.pixels)
    octets = source.file.read(12)
    if len(octets) < 8:
        return None
    group, number = Struct(f"{order}HH").unpack_from(octets)
    if source.syntax == IMPLICIT:
        return _Start(group << 16 | number, "OW", source.pixels + 8)
    return _Start(group << 16 | number, octets[4:6].decode("ascii", "replace"), source.pixels + 12)
