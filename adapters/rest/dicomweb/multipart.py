"""The boundaries and headers around the parts of a ``multipart/related`` body (RFC 2387, PS3.18 8.6.1.2.1)."""

from collections.abc import AsyncIterator, Sequence

from gateway.contract.body import Buffer
from gateway.contract.records import record


@record
class Related:
    """A body of one or more parts. *boundary* must not occur in a part: use 128 random bits."""

    boundary: str
    media_type: str

    @property
    def content_type(self) -> str:
        """Content-Type of the body."""
        return f'multipart/related; type="{self.media_type}"; boundary={self.boundary}'

    @property
    def prefix(self) -> bytes:
        """The octets before the first part."""
        return f"--{self.boundary}\r\nContent-Type: {self.media_type}\r\n\r\n".encode("ascii")

    @property
    def separator(self) -> bytes:
        """The octets between two parts."""
        return b"\r\n" + self.prefix

    @property
    def suffix(self) -> bytes:
        """The octets after the last part."""
        return f"\r\n--{self.boundary}--\r\n".encode("ascii")

    async def chunks(self, parts: Sequence[AsyncIterator[Buffer]]) -> AsyncIterator[Buffer]:
        """Yield the body with *parts*, which are read one after the other."""
        before = self.prefix
        for part in parts:
            yield before
            async for chunk in part:
                yield chunk
            before = self.separator
        yield self.suffix

    def length(self, parts: Sequence[int | None]) -> int | None:
        """Return the length of the body with *parts* of these lengths, or None if one of them is unknown."""
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        frame = len(self.prefix) + (len(parts) - 1) * len(self.separator) + len(self.suffix)
        return frame + sum(known)
