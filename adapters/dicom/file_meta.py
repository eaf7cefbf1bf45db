"""The beginning of a Part 10 file: preamble, prefix and File Meta Information (PS3.10 7.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct

from adapters.dicom.encoding import EXPLICIT_LITTLE, LONG_VRS, Malformed

START = 132
MOST = 64 * 1024
GROUP = b"\x02\x00"
GROUP_LENGTH, TRANSFER_SYNTAX = 0x00020000, 0x00020010
SHORT, LONG = Struct("<H"), Struct("<L")


@dataclass(frozen=True, slots=True)
class FileMeta:
    """The preamble, prefix and File Meta Information of a file."""

    raw: bytes
    elements: tuple[tuple[int, bytes, bytes], ...]
    """Tag, value representation and value of each element of group 0002."""

    @property
    def transfer_syntax(self) -> str:
        """The transfer syntax UID of the data set."""
        values = [value for tag, _, value in self.elements if tag == TRANSFER_SYNTAX]
        if not values:
            raise Malformed("the File Meta Information names no transfer syntax")
        return values[0].strip(b"\0 ").decode("ascii", "replace")

    def changed(self, uids: Mapping[int, str]) -> bytes:
        """Return the octets with these *uids* in them, and with the correct group length."""
        new = {tag: uid.encode("ascii") + b"\0" * (len(uid) % 2) for tag, uid in uids.items()}
        if new.items() <= {tag: value for tag, _, value in self.elements}.items():
            return self.raw
        elements = {tag: (vr, value) for tag, vr, value in self.elements} | {tag: (b"UI", new[tag]) for tag in new}
        length = elements.pop(GROUP_LENGTH, None)
        group = b"".join(EXPLICIT_LITTLE.element(tag, *elements[tag]) for tag in sorted(elements))
        start = b"" if length is None else EXPLICIT_LITTLE.element(GROUP_LENGTH, b"UL", LONG.pack(len(group)))
        return self.raw[:START] + start + group


def read(head: bytes, *, is_whole: bool) -> FileMeta | None:
    """Return the File Meta Information that *head* begins with; None if its end has not come yet."""
    if len(head) >= START and head[128:START] != b"DICM":
        raise Malformed("the file does not begin like a DICOM file (PS3.10 7.1)")
    at, elements = START, []
    while head[at : at + 2] == GROUP:
        if (start := _value_start(head, at)) is None or start[0] + start[1] > len(head):
            break
        tag = 0x00020000 | SHORT.unpack_from(head, at + 2)[0]
        at = start[0] + start[1]
        elements.append((tag, head[start[2] : start[2] + 2], head[start[0] : at]))
    else:
        if len(head) >= at + 2 or (is_whole and len(head) == at):
            return FileMeta(head[:at], tuple(elements))
    if is_whole or len(head) > MOST:
        raise Malformed("the File Meta Information is incomplete, or longer than 65,536 octets")
    return None


def _value_start(head: bytes, at: int) -> tuple[int, int, int] | None:
    """Return where the value of the element at *at* begins, its length, and where its value representation is."""
    if len(head) < at + 12:
        # A short element may end the file; with fewer than eight octets any element is incomplete.
        return (at + 8, SHORT.unpack_from(head, at + 6)[0], at + 4) if _is_short(head, at) else None
    vr = head[at + 4 : at + 6]
    if not (vr.isalpha() and vr.isupper()):
        raise Malformed("the File Meta Information is not in Explicit VR Little Endian (PS3.10 7.1)")
    if vr in LONG_VRS:
        return at + 12, LONG.unpack_from(head, at + 8)[0], at + 4
    return at + 8, SHORT.unpack_from(head, at + 6)[0], at + 4


def _is_short(head: bytes, at: int) -> bool:
    return len(head) >= at + 8 and head[at + 4 : at + 6] not in LONG_VRS
