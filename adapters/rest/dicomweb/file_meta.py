"""Where the data set begins in a file that comes in pieces, and its transfer syntax (PS3.10 7.1).

The File Meta Information is read element by element, because some stores leave out its group length, or state a wrong
one. Some also leave out the preamble, with or without the prefix after it, or the whole File Meta Information. Then the
transfer syntax is deduced from the encoding of the first element, if possible.
"""

from dataclasses import dataclass

from gateway.contract.body import Buffer

PREAMBLE = 128
PREFIX = b"DICM"
GROUP = b"\x02\x00"
GROUP_LENGTH = GROUP + b"\x00\x00UL\x04\x00"
MAX_FILE_META = 64 * 1024
TRANSFER_SYNTAX_UID = GROUP + b"\x10\x00"
IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
"""Value representations with a length of four octets (PS3.5 7.1.2)."""
LOWEST = {b"\x08\x00": "little", b"\x00\x08": "big"}
"""The first group number of a data set in both byte orders."""
MAX_FIRST_VALUE = 64 * 1024


class FileMeta:
    """Takes the beginning of a file in pieces and returns the part that is the data set."""

    def __init__(self) -> None:
        self._head = bytearray()
        self.passed = False
        """Whether the data set has begun: the next pieces need no :meth:`strip`."""
        self.is_instance = False
        """Whether the file begins like a DICOM file, or like a data set; known when its data set has begun."""
        self.transfer_syntax = ""
        """Empty if the file does not tell."""

    def strip(self, piece: Buffer) -> bytes:
        """Return the part of *piece* and of the earlier pieces that is the data set."""
        self._head += piece
        return self._pass(is_whole=False)

    def rest(self) -> bytes:
        """Return the data set of a file that ended before it was clear where its data set begins."""
        return self._pass(is_whole=True)

    def _pass(self, *, is_whole: bool) -> bytes:
        head = bytes(self._head)
        start = _start(head)
        if start is None and not is_whole:
            return b""
        group = _Group(head, start or 0)
        offset = group.end(is_whole=is_whole)
        if offset is None:
            return b""
        self.passed = True
        self.transfer_syntax = group.transfer_syntax or (_encoding(head) if offset == 0 else "")
        self.is_instance = (offset > 0 and len(head) > offset) or bool(self.transfer_syntax)
        self._head.clear()
        return head[offset:]


def _start(head: bytes) -> int | None:
    """Return where the first element is; None if more octets are needed to know."""
    if head[PREAMBLE : PREAMBLE + len(PREFIX)] == PREFIX:
        return PREAMBLE + len(PREFIX)
    if head.startswith(PREFIX):
        return len(PREFIX)
    return 0 if head.startswith(GROUP) or len(head) >= PREAMBLE + len(PREFIX) else None


@dataclass
class _Group:
    """The elements of group 0002 in *head*, from *start* on."""

    head: bytes
    start: int
    transfer_syntax: str = ""

    def end(self, *, is_whole: bool) -> int | None:
        """Return where the data set begins; None if more octets are needed to know."""
        at = self._walk()
        stated = self._stated_end()
        is_open = at is None or len(self.head) < at + len(GROUP)
        if not is_whole and is_open:
            # An element that seems longer than MAX_FILE_META is misread; the stated group length may be right.
            return None if len(self.head) < MAX_FILE_META else stated or 0
        if at is not None and self.head[at : at + len(GROUP)] in LOWEST:
            return at
        if stated is not None and len(self.head) < stated:
            return at or 0 if is_whole else None
        return stated or at or 0

    def _stated_end(self) -> int | None:
        """Return where the data set begins according to (0002,0000), if that is present and plausible."""
        end = self.start + len(GROUP_LENGTH) + 4
        if self.head[self.start : end - 4] != GROUP_LENGTH:
            return None
        length = int.from_bytes(self.head[end - 4 : end], "little")
        return end + length if length <= MAX_FILE_META else None

    def _walk(self) -> int | None:
        """Return where the elements of the group end; None if one of them is not complete yet."""
        at, head = self.start, self.head
        while head[at : at + len(GROUP)] == GROUP:
            value, end = _value(head, at)
            if end > len(head):
                return None
            if head[at : at + 4] == TRANSFER_SYNTAX_UID:
                self.transfer_syntax = head[value:end].rstrip(b"\0 ").decode("ascii", "replace")
            at = end
        return at


def _value(head: bytes, at: int) -> tuple[int, int]:
    """Return where the value of the element at *at* begins and ends; some encoders write the group in implicit VR."""
    vr = head[at + 4 : at + 6]
    if not (vr.isalpha() and vr.isupper()):
        start, length = at + 8, head[at + 4 : at + 8]
    elif vr in LONG_VRS:
        start, length = at + 12, head[at + 8 : at + 12]
    else:
        start, length = at + 8, head[at + 6 : at + 8]
    return start, start + int.from_bytes(length, "little")


def _encoding(head: bytes) -> str:
    """Return the transfer syntax that the first element of a data set without File Meta Information suggests."""
    order = LOWEST.get(head[:2])
    vr = head[4:6]
    if order is None or len(head) < 8:
        return ""
    if vr.isalpha() and vr.isupper():
        return EXPLICIT if order == "little" else BIG_ENDIAN
    return IMPLICIT if order == "little" and int.from_bytes(head[4:8], "little") < MAX_FIRST_VALUE else ""
