"""Grey frames as 8 bits: rescaled, then by the window or the table of the header, otherwise by what they show."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.pipeline.thumbnails.errors import NoPictureError
from adapters.pipeline.thumbnails.frame_values import FrameValues

LEAST, MOST = 0.5, 99.5
"""Percentiles that become black and white where the header has no window."""
SAMPLES = 2**16
"""Of about so many pixels they are taken."""
BLANK = "its frame has one value only"
Frame = NDArray[Any]
Levels = NDArray[np.uint8]


def as_levels(frame: Frame, values: FrameValues) -> Levels:
    """Return a frame of height by width in 8 bits; raises NoPictureError if there is nothing to be seen."""
    rescaled = _rescaled(frame, values)
    by_header = _by_table(rescaled, values)
    if by_header is None:
        by_header = _by_window(rescaled, values)
    shown = by_header if by_header is not None and _shows_something(by_header) else _by_percentiles(rescaled, values)
    return 255 - shown if values.get("PhotometricInterpretation") == "MONOCHROME1" else shown


def _rescaled(frame: Frame, values: FrameValues) -> NDArray[np.float32]:
    """Return what the numbers mean (PS3.3 C.11.1): by the modality's table, or by slope and intercept."""
    table = _table(values.get("ModalityLUTSequence"))
    if table is not None:
        return _looked_up(frame, table).astype(np.float32)
    slope, intercept = values.number("RescaleSlope"), values.number("RescaleIntercept")
    rescaled = frame.astype(np.float32)
    return rescaled * np.float32(slope or 1) + np.float32(intercept or 0)


def _by_table(frame: NDArray[np.float32], values: FrameValues) -> Levels | None:
    """Return the frame by the first VOI LUT (PS3.3 C.11.2.1.1); None if there is none."""
    table = _table(values.get("VOILUTSequence"))
    if table is None:
        return None
    shown = _looked_up(np.rint(frame), table)
    return _scaled(shown.astype(np.float32), 0, 2**table.bits - 1)


def _by_window(frame: NDArray[np.float32], values: FrameValues) -> Levels | None:
    """Return the frame by its first window (PS3.3 C.11.2.1.2, C.11.2.1.3); None if it has none."""
    centre, width = values.number("WindowCenter"), values.number("WindowWidth")
    if centre is None or width is None or width <= 0:
        return None
    function = str(values.get("VOILUTFunction") or "LINEAR").strip().upper()
    if function == "SIGMOID":
        exponent = np.clip(-4 * (frame - np.float32(centre)) / np.float32(width), -80, 80)
        return np.asarray(255 / (1 + np.exp(exponent)), np.uint8)
    if function != "LINEAR_EXACT":
        centre, width = centre - 0.5, max(width - 1, 1e-3)
    return _scaled(frame, centre - width / 2, centre + width / 2)


def _by_percentiles(frame: NDArray[np.float32], values: FrameValues) -> Levels:
    step = max(1, int((frame.size / SAMPLES) ** 0.5))
    some = frame[::step, ::step].ravel()
    if not np.isfinite(some).all():
        some = some[np.isfinite(some)]
    kept = some[~_is_padding(some, values)]
    some = kept if kept.size else some
    low, high = (float(each) for each in np.percentile(some, (LEAST, MOST))) if some.size else (0.0, 0.0)
    if high <= low and some.size:
        low, high = float(some.min()), float(some.max())
    if high <= low:
        low, high = float(frame.min()), float(frame.max())
    if not high > low:
        raise NoPictureError(BLANK)
    return _scaled(frame, low, high)


def _is_padding(some: NDArray[np.float32], values: FrameValues) -> NDArray[np.bool_]:
    """Return which of the rescaled pixels are padding (PS3.3 C.7.5.1.1.2)."""
    value = values.number("PixelPaddingValue")
    if value is None or values.get("ModalityLUTSequence") is not None:
        return np.zeros(some.shape, bool)
    limit = values.number("PixelPaddingRangeLimit")
    slope, intercept = values.number("RescaleSlope") or 1, values.number("RescaleIntercept") or 0
    ends = [slope * each + intercept for each in (value, value if limit is None else limit)]
    return (some >= min(ends) - 1e-3) & (some <= max(ends) + 1e-3)


class _Table:
    """A table of grey levels, its first number, and the bits of its entries (PS3.3 C.11.1.1)."""

    def __init__(self, entries: Frame, first: int, bits: int) -> None:
        self.entries, self.first, self.bits = entries, first, bits


def _table(sequence: Any) -> _Table | None:
    """Return the table of the first item; None if there is none that can be used."""
    try:
        item = sequence[0]
        count, first, bits = (int(each) for each in item.LUTDescriptor)
        data = item.LUTData
        entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.asarray(data, np.uint16)
    except Exception:  # noqa: BLE001  pydicom raises whatever it likes for what is no table
        return None
    count = count or 2**16  # PS3.3 C.11.1.1.1
    if len(entries) < count and 2 * len(entries) >= count and bits <= 8:
        entries = entries.view(np.uint8)
    return _Table(entries[:count], first, bits) if 0 < bits <= 16 and len(entries) >= count else None


def _looked_up(frame: Frame, table: _Table) -> Frame:
    numbers = np.clip(frame.astype(np.int64) - table.first, 0, len(table.entries) - 1)
    found: Frame = table.entries[numbers]
    return found


def _scaled(frame: NDArray[np.float32], low: float, high: float) -> Levels:
    scaled = (frame - np.float32(low)) * np.float32(255 / (high - low))
    if np.isnan(scaled.min()):  # a slope so large that numbers become infinite
        scaled = np.nan_to_num(scaled)
    levels: Levels = np.clip(scaled, 0, 255).astype(np.uint8)
    return levels


def _shows_something(levels: Levels) -> bool:
    return bool(levels.min() < levels.max())
