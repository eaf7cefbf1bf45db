"""Cuts the instance out of a WADO-RS reply that comes in pieces: alone, or the one part of a multipart body."""

from collections.abc import Callable

from adapters.rest.file_meta import PREAMBLE

MAX_PART_HEADER = 16 * 1024


class PartReader:
    """Hands the octets of the instance on to *take*."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._head: bytearray | None = bytearray()
        self._delimiter: bytes | None = None
        self._kept = b""
        self._is_over = False
        self.behind = 0
        """Octets behind the end of the instance."""

    def update(self, piece: bytes) -> None:
        """Take the next piece of the reply."""
        if self._head is not None:
            self._head += piece
            start = part_start(self._head)
            if start is None:
                return
            piece = self._begin(self._head, start)
        if self._is_over:
            self.behind += len(piece)
        elif self._delimiter is None:
            self._take(piece)
        else:
            self._search(self._kept + piece, self._delimiter)

    def finish(self) -> bool:
        """Whether the reply ended as it should; what it was too short to be cut is the instance."""
        if self._head is not None:
            self._take(bytes(self._head))
        return self._delimiter is None or self._is_over

    def _begin(self, head: bytearray, start: int) -> bytes:
        if start:
            self._delimiter = b"\r\n" + bytes(head[:start]).lstrip(b"\r\n").partition(b"\r\n")[0]
        self._head = None
        return bytes(head[start:])

    def _search(self, octets: bytes, delimiter: bytes) -> None:
        found = octets.find(delimiter)
        self._is_over = found >= 0
        end = found if self._is_over else max(0, len(octets) - len(delimiter) + 1)
        self._take(octets[:end])
        self._kept = octets[end:]


def part_start(head: bytes | bytearray) -> int | None:
    """Return where the Part 10 file begins in a reply that begins with *head*, or None while that is open."""
    if len(head) < PREAMBLE + 4:
        return None
    if head[PREAMBLE : PREAMBLE + 4] == b"DICM" or not head.lstrip(b"\r\n").startswith(b"--"):
        return 0
    end = head.find(b"\r\n\r\n")
    if end >= 0:
        return end + 4
    return None if len(head) < MAX_PART_HEADER else 0
