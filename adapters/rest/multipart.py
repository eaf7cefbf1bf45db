"""What stands around the one part of a ``multipart/related`` body (RFC 2387, PS3.18 8.6.1.2.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Related:
    """A body of one part. *boundary* must not occur in the part: take 128 random bits."""

    boundary: str
    media_type: str

    @property
    def content_type(self) -> str:
        """Content-Type of the whole."""
        return f'multipart/related; type="{self.media_type}"; boundary={self.boundary}'

    @property
    def prefix(self) -> bytes:
        """What goes before the part."""
        return f"--{self.boundary}\r\nContent-Type: {self.media_type}\r\n\r\n".encode("ascii")

    @property
    def suffix(self) -> bytes:
        """What goes after the part."""
        return f"\r\n--{self.boundary}--\r\n".encode("ascii")

    def length(self, part: int | None) -> int | None:
        """Octets of the whole around *part* octets, if that is known."""
        return None if part is None else len(self.prefix) + part + len(self.suffix)
