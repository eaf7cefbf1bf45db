"""The multipart writer: what it writes is as long as it says, and another reader finds the same parts in it."""

from collections.abc import AsyncIterator

from adapters.rest.dicomweb.multipart import Related
from gateway.contract.body import Buffer
from gateway.sandbox.dicom.multipart import Finished, MultipartReader, PartBegun, PartContent, PartEnded
from tests.fuzz.source import Source, cut

RELATED = Related("0123456789abcdef0123456789abcdef", "application/dicom")


def target(data: bytes) -> None:
    """Write parts of the octets, and read them again."""
    source = Source(data)
    sizes = source.sizes()
    parts = [source.take() for _ in range(source.octet() % 5)] + [source.rest()]
    if any(RELATED.boundary.encode() in part for part in parts):
        return  # 128 random bits are not in a part
    chunks = RELATED.chunks([_chunks(part, sizes) for part in parts])
    written = b"".join(_collect(chunks))
    assert RELATED.length([len(part) for part in parts]) == len(written)
    assert parts == _read(written, sizes)


async def _chunks(part: bytes, sizes: bytes) -> AsyncIterator[Buffer]:
    for piece in cut(part, sizes):
        yield piece


def _collect(chunks: AsyncIterator[Buffer]) -> list[bytes]:
    """Return what an iterator that waits for nothing yields."""
    collected = []
    while True:
        try:
            anext(chunks).__await__().send(None)
        except StopIteration as stop:
            collected.append(bytes(stop.value))
        except StopAsyncIteration:
            return collected


def _read(body: bytes, sizes: bytes) -> list[bytes]:
    reader, parts, whole = MultipartReader(RELATED.boundary), list[bytes](), False
    for piece in cut(body, sizes):
        for event in reader.receive_data(piece):
            match event:
                case PartBegun(headers):
                    assert headers == {"content-type": "application/dicom"}
                    parts.append(b"")
                case PartContent(octets):
                    parts[-1] += octets
                case Finished():
                    whole = True
                case _:
                    assert isinstance(event, PartEnded)
    assert whole
    return parts
