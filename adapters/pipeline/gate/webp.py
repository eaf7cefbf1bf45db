"""Whether the octets of a picture are a WebP file of pixels alone (RFC 9649), as the thumbnails are written."""

HEAD = 20
"""RIFF, its length, WEBP, the name of the chunk and its length."""
PIXELS = frozenset({b"VP8 ", b"VP8L"})
"""Chunks of a simple file. Metadata (EXIF, XMP, ICCP) stands in an extended one, whose first chunk is VP8X."""


def is_only_pixels(octets: bytes) -> bool:
    """Whether the file has one chunk, which is of pixels, and nothing before, behind or beside it."""
    if octets[:4] != b"RIFF" or octets[8:12] != b"WEBP" or octets[12:16] not in PIXELS:
        return False
    whole, chunk = (int.from_bytes(octets[at : at + 4], "little") for at in (4, 16))
    padding = octets[HEAD + chunk :]
    return len(octets) == whole + 8 and padding in {b"", b"\0"} and len(padding) == chunk % 2
