"""How the numbers of pixel data are laid out, and what they show (PS3.3 C.7.6.3)."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.deidentify.dicom.pixel_data import Image
from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.errors import HeldBackError

STORED, REPRESENTATION, PLANAR = 0x00280101, 0x00280103, 0x00280006
DESCRIPTORS = (0x00281101, 0x00281102, 0x00281103)
TABLES = (0x00281201, 0x00281202, 0x00281203)
GREYS = frozenset({"MONOCHROME1", "MONOCHROME2"})
COLOURS = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
PALETTE = "PALETTE COLOR"
CANNOT = "text in its pixels cannot be searched for: "
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Form:
    """What a frame looks like in memory."""

    rows: int
    columns: int
    samples: int
    frames: int
    allocated: int
    stored: int
    is_signed: bool
    is_planar: bool
    photometric: str
    palette: Array | None = field(default=None, compare=False)  # to compare two arrays gives an array
    """Colours of the numbers 0, 1, … of an image with a palette: numbers by 3."""

    @property
    def octets_of_frame(self) -> int:
        """The length of one native frame."""
        whole = self.rows * self.columns * self.samples * self.allocated // 8
        return whole * 2 // 3 if self.is_subsampled else whole

    @property
    def is_subsampled(self) -> bool:
        """Whether two pixels share their colour (PS3.3 C.7.6.3.1.2)."""
        return self.photometric == "YBR_FULL_422"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of one number."""
        return np.dtype(f"<{'i' if self.is_signed else 'u'}{self.allocated // 8}")


def form_of(elements: Item, image: Image) -> Form:
    """Return the form that a header describes; raises HeldBackError if text cannot be searched for in it."""
    found = {each.tag: each.value for each in elements if each.tag >> 16 == 0x0028 and each.items is None}

    def number(tag: int, otherwise: int = 0) -> int:
        return int.from_bytes(found[tag][:2], "little") if found.get(tag) else otherwise

    photometric = image.photometric
    if image.allocated not in {8, 16, 32}:
        raise HeldBackError(CANNOT + "they have neither 8, 16 nor 32 bits")
    samples = {**dict.fromkeys(GREYS, 1), **dict.fromkeys(COLOURS, 3), PALETTE: 1}.get(photometric)
    if samples != image.samples:
        raise HeldBackError(CANNOT + "their photometric interpretation is not one that is known")
    is_subsampled = photometric == "YBR_FULL_422"
    if is_subsampled and (image.columns % 2 or image.allocated != 8):
        raise HeldBackError(CANNOT + "two of them share a colour, and a row has an odd number")
    if photometric == PALETTE and image.allocated > 16:
        raise HeldBackError(CANNOT + "their palette has too many colours")
    stored = number(STORED, image.allocated)
    if not 0 < stored <= image.allocated:
        raise HeldBackError(CANNOT + "more bits are stored than there are")
    return Form(
        image.rows,
        image.columns,
        image.samples,
        image.frames,
        image.allocated,
        stored,
        number(REPRESENTATION) == 1 and image.samples == 1,
        number(PLANAR) == 1 and image.samples == 3 and not is_subsampled,
        photometric,
        _palette(found, stored) if photometric == PALETTE else None,
    )


def _palette(found: dict[int, bytes], stored: int) -> Array:
    """Return the colours of all numbers (PS3.3 C.7.6.3.1.5 and 6); raises HeldBackError."""
    colours = []
    for descriptor, table in zip(DESCRIPTORS, TABLES, strict=True):
        described, data = found.get(descriptor, b""), found.get(table, b"")
        if len(described) < 6 or not data:
            raise HeldBackError(CANNOT + "their palette is missing, or in segments")
        count, first, bits = (int.from_bytes(described[at : at + 2], "little") for at in (0, 2, 4))
        count = count or 2**16
        wide = len(data) >= 2 * count
        if bits not in {8, 16} or len(data) < count:
            raise HeldBackError(CANNOT + "their palette is shorter than it says")
        entries = np.frombuffer(data, "<u2" if wide else "u1", count)
        entries = entries >> 8 if wide and int(entries.max()) > 255 else entries
        numbers = np.clip(np.arange(2 ** min(stored, 16)) - first, 0, count - 1)
        colours.append(entries[numbers].astype(np.uint8))
    return np.stack(colours, axis=1)


def as_frame(octets: bytearray, form: Form) -> Array:
    """Return the pixels of one native frame, which change *octets* if they are changed.

    Height by width, by 3 for colours; of subsampled ones height by width/2 by 4: two of brightness, then two of colour.
    """
    values = np.frombuffer(octets, form.dtype)
    if form.is_subsampled:
        return values.reshape(form.rows, form.columns // 2, 4)
    if form.samples == 1:
        return values.reshape(form.rows, form.columns)
    if form.is_planar:
        return values.reshape(3, form.rows, form.columns).transpose(1, 2, 0)
    return values.reshape(form.rows, form.columns, 3)


def shown(frame: Array, form: Form) -> Array:
    """Return what a frame shows: in grey as it is, in colours as red, green and blue of 8 bits."""
    if form.palette is not None:
        coloured: Array = form.palette[frame & (len(form.palette) - 1)]
        return coloured
    if form.samples == 1:
        return frame if form.is_signed or form.stored == form.allocated else frame & ((1 << form.stored) - 1)
    if form.is_subsampled:
        luma = frame[:, :, :2].reshape(form.rows, form.columns)
        chroma = np.repeat(frame[:, :, 2:], 2, axis=1)
        return _rgb(np.dstack([luma, chroma]))
    eight = (frame >> max(0, form.stored - 8)).astype(np.uint8)
    return _rgb(eight) if form.photometric == "YBR_FULL" else eight


def _rgb(ybr: Array) -> Array:
    """Return red, green and blue of brightness and two differences of colour (PS3.3 C.7.6.3.1.2)."""
    y, cb, cr = (ybr[:, :, each].astype(np.float32) for each in range(3))
    cb, cr = cb - 128, cr - 128
    colours = np.dstack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb])
    whole: Array = np.clip(colours, 0, 255).astype(np.uint8)
    return whole
