"""Extracts the instance from a WADO-RS reply that comes in pieces: the body, or the first part of a multipart body.

A multipart body (RFC 2046 5.1.1) may have text before its first part, parts without header fields, white space after a
boundary, and text after its end. Some stores end its lines with LF alone.
"""

import re
from collections.abc import Callable

from adapters.rest.dicomweb.file_meta import PREAMBLE, PREFIX

MAX_PART_HEADER = 16 * 1024
"""Most octets before the instance."""
FIRST = re.compile(rb"(?:\A|\n)(--[^\r\n]{1,70}?)[ \t]*(?=(\r?\n)(?:\r?\n|[^\r\n]))")
"""The first boundary, of 70 characters at most, and the end of its line."""
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
BEHIND_BOUNDARY = re.compile(rb"--|[ \t]*\r?\n")
MAX_PADDING = 80
"""Octets after a possible boundary that are read before it is decided whether it is one."""


class PartReader:
    """Passes the octets of the instance to *take*."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._head: bytearray | None = bytearray()
        self._delimiter: bytes | None = None
        self._kept = b""
        self._is_over = False
        self.behind = 0
        """Octets after the end of the instance."""

    def update(self, piece: bytes) -> None:
        """Take the next piece of the reply."""
        if self._head is not None:
            self._head += piece
            found = find_part(self._head)
            if found is None:
                return
            start, self._delimiter = found
            piece, self._head = bytes(self._head[start:]), None
        if self._is_over:
            self.behind += len(piece)
        elif self._delimiter is None:
            self._take(piece)
        else:
            self._search(self._kept + piece, self._delimiter)

    def finish(self) -> bool:
        """Return whether the reply was complete. A reply that is too short for a decision is taken as the instance."""
        if self._head is not None:
            self._take(bytes(self._head))
        elif self._delimiter is not None and not self._is_over:
            self._search(self._kept, self._delimiter, is_last=True)
        return self._delimiter is None or self._is_over

    def _search(self, octets: bytes, delimiter: bytes, *, is_last: bool = False) -> None:
        at = octets.find(delimiter)
        while at >= 0:
            behind = octets[at + len(delimiter) :]
            if BEHIND_BOUNDARY.match(behind) or (is_last and not behind.strip(b" \t")):
                self._is_over = True
                self._take(octets[:at])
                self.behind = len(behind)
                return
            if not is_last and len(behind) < MAX_PADDING:
                break
            at = octets.find(delimiter, at + 1)
        end = at if at >= 0 else len(octets) if is_last else max(0, len(octets) - len(delimiter) + 1)
        self._take(octets[:end])
        self._kept = octets[end:]


def find_part(head: bytes | bytearray) -> tuple[int, bytes | None] | None:
    """Return where the instance begins in a reply that begins with *head*, and the delimiter that ends it.

    Return None if more octets are needed to know. The delimiter is None if the reply is not a multipart body but a
    file, or anything else that is not text.
    """
    if head[PREAMBLE : PREAMBLE + len(PREFIX)] == PREFIX:
        return 0, None
    text = head.lstrip(b"\r\n")
    if (text and text[0] < ord(" ") and text[0] != ord("\t")) or text.startswith(PREFIX):
        return 0, None
    first = FIRST.search(head)
    end = END_OF_HEADER.search(head, first.end(1)) if first is not None else None
    # The text may be the preamble of a file.
    if len(head) < PREAMBLE + len(PREFIX) and not (first and end):
        return None
    if first is not None and end is not None:
        return end.end(), bytes(first[2] + first[1])
    return None if len(head) < MAX_PART_HEADER else (0, None)
