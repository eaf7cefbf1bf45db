"""Cuts the body of a multipart upload: the resource of the object, the type of its content, and its octets.

The libraries of Google end lines with CR LF; ``gcloud`` ends them with LF only. The first line shows which, so that an
octet at the end of the content that looks like a line end is not lost.
"""

from email.parser import BytesHeaderParser

from gateway.sandbox.reasoned_error import ReasonedError

MOST_HEAD = 1024 * 1024
"""Octets before the content: the resource and the headers of the parts."""


def boundary_of(content_type: str) -> str:
    """Return the boundary that a ``Content-Type`` names; raises a 400."""
    message = BytesHeaderParser().parsebytes(f"Content-Type: {content_type}\n\n".encode("latin-1", "replace"))
    boundary = message.get_boundary()
    if message.get_content_maintype() != "multipart" or not boundary:
        raise ReasonedError(400, "an upload of type multipart needs a body of type multipart/related with a boundary")
    return boundary.strip("'")  # gcloud puts it between these


class Related:
    """Takes a body in pieces of any size. ``resource`` and ``content_type`` are there as soon as content comes."""

    def __init__(self, boundary: str) -> None:
        self._dash = b"--" + boundary.encode("latin-1", "replace")
        self._buffer = bytearray()
        self._line_end = b""
        self._has_head = False
        self._skipped = 0
        self.is_complete = False
        self.resource = b""
        self.content_type = ""

    def feed(self, data: bytes) -> bytes:
        """Return the octets of the content that are certain now; raises a 400 for a body of another form."""
        if self.is_complete:  # an epilogue (RFC 2046 5.1.1) is nobody's content
            return b""
        self._buffer += data
        if not self._has_head and not self._read_head():
            if len(self._buffer) > MOST_HEAD:
                raise _wrong()
            return b""
        end = self._line_end + self._dash
        at = self._buffer.find(end)
        if at >= 0:
            self.is_complete = True
        count = at if at >= 0 else max(0, len(self._buffer) - len(end) + 1)
        found = bytes(self._buffer[:count])
        del self._buffer[:count]
        skipped, self._skipped = self._skipped, max(0, self._skipped - count)
        return found[skipped:]

    def _read_head(self) -> bool:
        """Read both heads and the resource, if they are there as a whole."""
        start = self._buffer.find(self._dash)
        line = self._buffer.find(b"\n", start)
        if start < 0 or line < 0:
            return False
        self._line_end = b"\r\n" if self._buffer[line - 1 : line] == b"\r" else b"\n"
        end = self._line_end + self._dash + self._line_end
        behind = self._buffer.find(end, line - len(self._line_end))
        if behind < 0:
            return False
        blank = self._line_end * 2
        first = bytes(self._buffer[line + 1 : behind])
        head_end = self._buffer.find(blank, behind + len(end) - len(self._line_end))
        if head_end < 0:
            return False
        head = bytes(self._buffer[behind + len(end) : head_end])
        self.resource = first.partition(blank)[2] if not first.startswith(self._line_end) else first
        self.content_type = BytesHeaderParser().parsebytes(head + b"\n\n").get("Content-Type", "")
        # The line end of the empty line stays for now: where the content is missing, it is that before the delimiter.
        del self._buffer[: head_end + len(self._line_end)]
        self._skipped = len(self._line_end)
        self._has_head = True
        return True


def _wrong() -> ReasonedError:
    return ReasonedError(400, "the body is not multipart/related with the resource of an object and its content")
