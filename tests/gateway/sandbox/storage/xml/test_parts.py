"""Uploads in parts by the XML API."""

import re
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from gateway.sandbox.storage.xml import parts


async def text_of(client: ClientSession, method: str, url: str, data: bytes = b"") -> tuple[int, str]:
    """Return status and text of a reply."""
    async with client.request(method, url, data=data) as response:
        return response.status, await response.text()


async def begin(client: ClientSession, url: str) -> str:
    """Begin an upload; return its address."""
    _, text = await text_of(client, "POST", f"{url}?uploads")
    found = re.search("<UploadId>(.*)</UploadId>", text)
    assert found is not None
    return f"{url}?uploadId={found[1]}"


async def put(client: ClientSession, address: str, number: int, data: bytes) -> str:
    """Put a part; return its ETag."""
    async with client.put(f"{address}&partNumber={number}", data=data) as response:
        assert 200 == response.status
        return response.headers["ETag"]


def listed(*named: tuple[int, str]) -> bytes:
    """Return the request that completes an upload."""
    rows = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in named)
    return f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()


async def test_parts(sandbox: Sandbox, client: ClientSession, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts come in any order, and again; only those that are named at the end are in the object."""
    monkeypatch.setattr(parts, "LEAST_PART", 2)
    address = await begin(client, f"{sandbox.url}/north/a")
    second = await put(client, address, 2, b"3")
    await put(client, address, 1, b"xx")
    first = await put(client, address, 1, b"12")
    unused = await put(client, address, 3, b"unused")
    _, text = await text_of(client, "GET", address)
    assert 3 == text.count("<Part>")
    assert not (folder / "a").exists()
    for wrong, code in (
        (listed((1, unused)), "InvalidPart"),
        (listed((2, second), (1, first)), "InvalidPartOrder"),
        (listed((2, second), (3, unused)), "EntityTooSmall"),
        (listed(), "MalformedXML"),
        (b"<!DOCTYPE x><a/>", "MalformedXML"),
        (b"<a", "MalformedXML"),
    ):
        assert code in (await text_of(client, "POST", address, wrong))[1]
    status, _ = await text_of(client, "POST", address, listed((1, first), (2, second)))
    assert (200, b"123") == (status, (folder / "a").read_bytes())
    assert ["a"] == [each.name for each in folder.iterdir()]
    assert "NoSuchUpload" in (await text_of(client, "POST", address, listed((1, first))))[1]


async def test_abort(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An upload that is given up leaves nothing."""
    address = await begin(client, f"{sandbox.url}/north/a")
    await put(client, address, 1, b"1")
    assert 204 == (await text_of(client, "DELETE", address))[0]
    assert [] == list(folder.iterdir())
