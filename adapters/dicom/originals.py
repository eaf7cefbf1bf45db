"""Original Attributes Sequence (0400,0561), for elements that were changed or removed (PS3.3 C.12.1.1.9).

Attribute Modification DateTime must have a value, but a step has no clock: the same message must give the same octets.
So its value is the first date in the instance itself: of its creation, content, acquisition, series or study. If there
is none, the value is 1 January 1900, which cannot be mistaken for a real date.
"""

import re
from datetime import datetime

from adapters.dicom.encoding import ITEM, Encoding, Header, Malformed
from adapters.dicom.output import MOST_HELD

ORIGINAL_ATTRIBUTES, MODIFIED_ATTRIBUTES = 0x04000561, 0x04000550
MOMENTS = (
    (0x00080012, 0x00080013),
    (0x00080023, 0x00080033),
    (0x0008002A, None),
    (0x00080022, 0x00080032),
    (0x00080021, 0x00080031),
    (0x00080020, 0x00080030),
)
"""Tags of date and time: Instance Creation, Content, Acquisition DateTime, Acquisition, Series, Study."""
NO_DATE = "19000101"
NOTED = frozenset(tag for pair in MOMENTS for tag in pair if tag is not None)
TOO_LARGE = "the former values are too large for (0400,0561): more than 4 MiB; set original_attributes: false"
TOO_FAR = "more than 4 MiB are between (0400,0561) and the last edited element; set original_attributes: false"


class Originals:
    """Collects former values, in the encoding of the data set."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._former: dict[int, bytes] = {}
        self._creators: dict[int, bytes] = {}
        self._moments: dict[int, str] = {}
        self._size = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed."""
        return not self._former

    def note(self, tag: int, value: bytes) -> None:
        """Keep the value of a date or time."""
        if tag in NOTED:
            self._moments[tag] = value.decode("ascii", "replace").strip("\0 ")

    def note_creator(self, tag: int, element: bytes) -> None:
        """Keep an element that reserves a private block (PS3.5 7.8.1)."""
        self._creators[tag] = element

    def add(self, tag: int, element: bytes) -> None:
        """Keep the former octets of an element that was changed or removed."""
        self._size += len(element)
        if self._size > MOST_HELD:
            raise Malformed(TOO_LARGE)
        creator = tag & 0xFFFF0000 | tag >> 8 & 0xFF
        if tag >> 16 & 1 and creator in self._creators:
            self._former.setdefault(creator, self._creators[creator])
        self._former.setdefault(tag, element)

    def sequence(self, present: tuple[Header, bytes] | None) -> bytes:
        """Return the sequence with one more item; *present* is the sequence that the data set has already."""
        item = self._item()
        if present is None:
            return self._encoding.element(ORIGINAL_ATTRIBUTES, b"SQ", item)
        header, items = present
        if header.vr not in {b"", b"SQ"}:
            raise Malformed("(0400,0561) is no sequence")
        if header.is_undefined:
            return header.raw + items[:-8] + item + items[-8:]
        return self._encoding.resized(header, header.length + len(item)).raw + items + item

    def _item(self) -> bytes:
        former = b"".join(self._former[tag] for tag in sorted(self._former))
        values = (
            (MODIFIED_ATTRIBUTES, b"SQ", self._wrapped(former)),
            (0x04000562, b"DT", _even(self._moment())),  # Attribute Modification DateTime
            (0x04000563, b"LO", _even("Hilum")),  # Modifying System
            (0x04000564, b"LO", b""),  # Source of Previous Values: not known
            (0x04000565, b"CS", b"COERCE"),  # Reason for the Attribute Modification
        )
        return self._wrapped(b"".join(self._encoding.element(*each) for each in values))

    def _wrapped(self, elements: bytes) -> bytes:
        return self._encoding.mark(ITEM, len(elements)) + elements

    def _moment(self) -> str:
        for day, time in MOMENTS:
            if moment := _date_time(self._moments.get(day, ""), self._moments.get(time or 0, "")):
                return moment
        return NO_DATE


def _date_time(day: str, time: str) -> str:
    """Return a DT; without the time if that is invalid, and empty if the date is invalid."""
    if not re.fullmatch(r"[0-9]{8}[0-9.+-]*", day) or not _is_moment(day[:8], "%Y%m%d"):
        return ""
    if len(day) > 8:  # a DT already
        return day if re.fullmatch(r"[0-9]{14}(\.[0-9]{1,6})?([+-][0-9]{4})?", day) else day[:8]
    whole, dot, fraction = time.partition(".")
    if len(whole) != 6 or not _is_moment(whole, "%H%M%S") or (dot and not re.fullmatch("[0-9]{1,6}", fraction)):
        return day
    return day + time


def _is_moment(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007  no zone is asked for
    except ValueError:
        return False
    return True


def _even(text: str) -> bytes:
    return text.encode("ascii") + b" " * (len(text) % 2)
