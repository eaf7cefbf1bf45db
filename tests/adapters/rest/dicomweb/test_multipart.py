"""The frame around instances."""

from collections.abc import AsyncIterator
from email import message_from_bytes

import pytest

from adapters.rest.dicomweb.multipart import Related
from gateway.contract.body import Buffer

RELATED = Related("b0und", "application/dicom")

PARTS = {
    "one part": [b"DICM\r\n\x00"],
    "several parts": [b"DICM\r\n\x00", b"DICM\r\n--b0", b"DICM"],
}


async def cut(part: bytes) -> AsyncIterator[Buffer]:
    """Yield *part* in two chunks."""
    yield part[:3]
    yield memoryview(part)[3:]


async def framed(parts: list[bytes]) -> bytes:
    """Return the whole around *parts*."""
    return b"".join([bytes(chunk) async for chunk in RELATED.chunks([cut(part) for part in parts])])


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
async def test_frame(parts: list[bytes]) -> None:
    """An ordinary MIME parser finds exactly the parts."""
    header = b"Content-Type: " + RELATED.content_type.encode() + b"\r\n\r\n"
    parsed = message_from_bytes(header + await framed(parts))
    found = list(parsed.walk())[1:]
    assert "application/dicom" == parsed.get_param("type")
    assert ["application/dicom"] * len(parts) == [part.get_content_type() for part in found]
    assert parts == [part.get_payload(decode=True) for part in found]


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
async def test_length(parts: list[bytes]) -> None:
    """The length of the whole is known when that of every part is."""
    lengths: list[int | None] = [len(part) for part in parts]
    assert len(await framed(parts)) == RELATED.length(lengths)
    assert RELATED.length([*lengths, None]) is None


async def test_parts_are_read_in_turn() -> None:
    """A part is not read before the one before it has been taken."""
    begun: list[str] = []

    async def part(name: str) -> AsyncIterator[Buffer]:
        begun.append(name)
        yield name.encode()

    chunks = aiter(RELATED.chunks([part("first"), part("second")]))
    assert [RELATED.prefix, b"first", RELATED.separator] == [await anext(chunks) for _ in range(3)]
    assert ["first"] == begun
    assert [b"second", RELATED.suffix] == [chunk async for chunk in chunks]
