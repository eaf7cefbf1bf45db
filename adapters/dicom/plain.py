"""Finds elements that can be passed on without being read, many at once: usually most of a data set."""

from adapters.dicom.edits import Edits
from adapters.dicom.encoding import LONG_VRS, SHORT_VRS, UNDEFINED, Encoding
from adapters.dicom.originals import NOTED, ORIGINAL_ATTRIBUTES
from adapters.dicom.walker import PIXELS

CHARACTER_SET = 0x00080005
FIRST_PIXELS = min(PIXELS)
WITHOUT_ITEMS = (SHORT_VRS | LONG_VRS) - {b"SQ", b"UN"}
LONGEST_HEADER = 12  # PS3.5 table 7.1-1


class Plain:
    """Finds the end of a run of elements that no edit concerns, at the top level of a data set."""

    def __init__(self, edits: Edits, encoding: Encoding) -> None:
        self._looked_at = {*edits.values, *edits.removed, *edits.below, ORIGINAL_ATTRIBUTES, CHARACTER_SET, *NOTED}
        self._private = edits.groups
        self._keeps_private = edits.keep_private
        self._encoding = encoding

    def end(self, octets: bytearray, at: int, limit: int, group: int | None) -> int:
        """Return the end of the run from *at*: before the tag *limit*, another group, or an incomplete element."""
        end, limit = len(octets), min(limit, FIRST_PIXELS)
        while end - at >= LONGEST_HEADER:
            tag = self._encoding.tag_at(octets, at)
            vr, length, start = self._measure(octets, at)
            if length == UNDEFINED or start + length > end or tag >= limit or not self._is_plain(tag, vr):
                break
            if group is not None and tag >> 16 != group:
                break
            at = start + length
        return at

    def _is_plain(self, tag: int, vr: bytes) -> bool:
        if tag in self._looked_at or not tag & 0xFFFF:
            return False
        if not self._keeps_private and (tag >> 16 & 1 or vr not in WITHOUT_ITEMS):
            return False
        return not (tag >> 16 & 1 and tag >> 16 in self._private)

    def _measure(self, octets: bytearray, at: int) -> tuple[bytes, int, int]:
        """Return value representation, length and start of the value; an undefined length if that is not certain."""
        if self._encoding.is_implicit:
            return b"", self._encoding.long_at(octets, at + 4), at + 8
        vr = bytes(octets[at + 4 : at + 6])
        if vr in SHORT_VRS:
            return vr, self._encoding.short_at(octets, at + 6), at + 8
        return vr, self._encoding.long_at(octets, at + 8) if vr in LONG_VRS else UNDEFINED, at + 12
