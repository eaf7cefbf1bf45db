"""The lines of a source, one after the other, so that a file may be larger than the memory."""

from collections.abc import AsyncIterator

from gateway.cli.importing.sources import Source, closing

MOST_OCTETS = 64 * 1024 * 1024
"""Largest line. A larger one is passed over, and told."""


async def lines_of(source: Source, most: int = MOST_OCTETS) -> AsyncIterator[bytes | None]:
    """Yield each line without its end; None for one that is larger than *most*. An empty line is yielded, too."""
    line, is_too_large = bytearray(), False
    async with closing(source.chunks()) as chunks:
        async for chunk in chunks:
            *ended, rest = chunk.split(b"\n")
            for piece in ended:
                yield None if is_too_large or len(line) + len(piece) > most else bytes(line + piece).rstrip(b"\r")
                line, is_too_large = bytearray(), False
            if is_too_large or len(line) + len(rest) > most:
                line, is_too_large = bytearray(), True
            else:
                line += rest
    if is_too_large or line:
        yield None if is_too_large else bytes(line).rstrip(b"\r")
