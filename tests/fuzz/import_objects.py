"""Objects of an import: whatever they hold, each part has a message or a reason, however the octets were cut."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

from gateway.cli.importing.parts import STRUCTURES, Reader
from tests.fuzz.source import Source, cut


class Pieces:
    """Octets in pieces."""

    def __init__(self, data: bytes, sizes: bytes) -> None:
        self._data, self._sizes = data, sizes
        self.size: int | None = len(data)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces."""
        for piece in cut(self._data, self._sizes):
            yield bytes(piece)


def target(data: bytes) -> None:
    """Read the parts of the octets twice: whole, and cut."""
    source = Source(data)
    sizes = source.sizes()
    structure = (*STRUCTURES, None, None)[source.octet() % 6]
    rest = source.rest()
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder), structure)
        whole, pieces = (asyncio.run(_read(reader, rest, each)) for each in (b"\xff", sizes))
    assert whole == pieces


async def _read(reader: Reader, data: bytes, sizes: bytes) -> list[tuple[str, str | None, str, bytes]]:
    found = list[tuple[str, str | None, str, bytes]]()
    with ExitStack() as kept:
        async for part in reader.parts(Pieces(data, sizes), "x", kept):
            assert (part.message is None) == bool(part.reason)
            octets = b""
            if part.message is not None and part.body is None:
                octets = b"".join([bytes(chunk) async for chunk in part.message.body.chunks()])
            found.append((part.name, part.format, part.reason, octets))
    return found
