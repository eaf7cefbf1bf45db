"""Where the data set begins in a Part 10 file that comes in pieces, and its transfer syntax (PS3.10 7.1)."""

from gateway.message import Buffer

PREAMBLE = 128
GROUP_LENGTH_END = 144  # preamble, "DICM", then (0002,0000) UL: tag, VR, length, value
GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
MAX_FILE_META = 64 * 1024
TRANSFER_SYNTAX_UID = b"\x02\x00\x10\x00"
LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
"""Value representations with a length of four octets (PS3.5 7.1.2)."""


def data_set_offset(head: Buffer) -> int:
    """Return where the data set begins in a file that begins with *head*: GROUP_LENGTH_END octets, or the whole file.

    Without a group length that can be believed the File Meta Information counts as part of the data set.
    """
    if bytes(head[PREAMBLE : GROUP_LENGTH_END - 4]) != b"DICM" + GROUP_LENGTH:
        return 0
    offset = GROUP_LENGTH_END + int.from_bytes(head[GROUP_LENGTH_END - 4 : GROUP_LENGTH_END], "little")
    return offset if offset <= MAX_FILE_META else 0


class FileMeta:
    """Takes the front of a file and gives back its data set."""

    def __init__(self) -> None:
        self._head = bytearray()
        self.passed = False
        """The data set has begun: what comes now needs no :meth:`strip`."""
        self.is_part_10 = False
        """The file begins as a DICOM file does; known when its data set has begun."""
        self.transfer_syntax = ""
        """Empty where the file does not tell."""

    def strip(self, piece: Buffer) -> bytes:
        """Return what of *piece* and of earlier pieces is the data set."""
        self._head += piece
        if len(self._head) < GROUP_LENGTH_END:
            return b""
        offset = data_set_offset(self._head)
        return b"" if len(self._head) < offset else self._pass(offset)

    def rest(self) -> bytes:
        """Return what is left of a file that ended before its data set began: all of it counts as one."""
        return self._pass(0)

    def _pass(self, offset: int) -> bytes:
        self.passed = True
        self.is_part_10 = self._head[PREAMBLE : PREAMBLE + 4] == b"DICM"
        self.transfer_syntax = _transfer_syntax(bytes(self._head[GROUP_LENGTH_END:offset]))
        data_set = bytes(self._head[offset:])
        self._head.clear()
        return data_set


def _transfer_syntax(elements: bytes) -> str:
    at = 0
    while at + 8 <= len(elements):
        start = at + (12 if elements[at + 4 : at + 6] in LONG_VRS else 8)
        end = start + int.from_bytes(
            elements[at + 6 : at + 8] if start == at + 8 else elements[at + 8 : start], "little"
        )
        if elements[at : at + 4] == TRANSFER_SYNTAX_UID:
            return elements[start:end].rstrip(b"\0 ").decode("ascii", "replace")
        at = end
    return ""
