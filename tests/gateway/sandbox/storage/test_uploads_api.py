"""Uploads by the JSON API."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

PATH = "upload/storage/v1/b/north/o"


async def begin(client: ClientSession, sandbox: Sandbox, query: str = "", body: Any = None, prefix: str = "") -> str:
    """Begin an upload in parts; return its address."""
    url = f"{sandbox.url}/{prefix}{PATH}?uploadType=resumable&name=a{query}"
    async with client.post(url, json=body if body is not None else {}) as response:
        assert 200 == response.status
        return response.headers["Location"]


async def send(client: ClientSession, address: str, octets: bytes, span: str | None) -> tuple[int, str | None]:
    """Send octets; return the status, and which octets have arrived."""
    headers = {} if span is None else {"Content-Range": f"bytes {span}"}
    async with client.put(address, data=octets, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers.get("Range")


@pytest.mark.parametrize("prefix", ["", "resumable/"])
async def test_in_parts(sandbox: Sandbox, client: ClientSession, folder: Path, prefix: str) -> None:
    """308 says which octets have arrived; octets that come again are not stored twice."""
    address = await begin(client, sandbox, body={"contentType": "x/y"}, prefix=prefix)
    assert (308, None) == await send(client, address, b"", "*/*")
    assert (308, "bytes=0-3") == await send(client, address, b"0123", "0-3/*")
    assert (308, "bytes=0-5") == await send(client, address, b"2345", "2-5/*")
    assert (308, "bytes=0-5") == await send(client, address, b"", "*/8")
    assert (503, None) == await send(client, address, b"9", "9-9/*")
    assert not (folder / "a").exists()
    assert (200, None) == await send(client, address, b"67", "6-7/8")
    assert b"01234567" == (folder / "a").read_bytes()
    assert (404, None) == await send(client, address, b"", "*/8")
    assert ["a"] == [each.name for each in folder.iterdir()]


async def test_in_one_request(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An upload that was begun may come as a whole, and may be empty."""
    assert (200, None) == await send(client, await begin(client, sandbox), b"whole", None)
    assert b"whole" == (folder / "a").read_bytes()
    assert (200, None) == await send(client, await begin(client, sandbox), b"", "*/0")
    assert b"" == (folder / "a").read_bytes()


async def test_it_outlasts_a_restart(tmp_path: Path, folder: Path, client: ClientSession) -> None:
    """An upload goes on where it was when the sandbox was stopped."""
    async with Sandbox(tmp_path / "data", buckets={"north": folder}) as sandbox:
        address = await begin(client, sandbox)
        await send(client, address, b"0123", "0-3/*")
        old = sandbox.url
    async with Sandbox(tmp_path / "data", buckets={"north": folder}) as sandbox:
        address = address.replace(old, sandbox.url)
        assert (308, "bytes=0-3") == await send(client, address, b"", "*/*")
        assert (200, None) == await send(client, address, b"45", "4-5/6")
    assert b"012345" == (folder / "a").read_bytes()


async def test_only_new(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """What somebody else has created meanwhile is not replaced at the end of an upload."""
    address = await begin(client, sandbox, "&ifGenerationMatch=0")
    (folder / "a").write_bytes(b"other")
    assert 412 == (await send(client, address, b"mine", "0-3/4"))[0]
    assert b"other" == (folder / "a").read_bytes()


async def test_wrong_digest(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An object that is not what the client sent is refused."""
    address = await begin(client, sandbox, body={"md5Hash": "AAAA"})
    assert 400 == (await send(client, address, b"mine", "0-3/4"))[0]
    assert [] == list(folder.iterdir())


async def test_cancel(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An upload that is cancelled leaves nothing."""
    address = await begin(client, sandbox)
    await send(client, address, b"0", "0-0/*")
    async with client.delete(address) as response:
        assert 499 == response.status
    assert [] == list(folder.iterdir())


def multipart(content: bytes, resource: bytes = b'{"name": "a", "contentType": "x/y"}') -> bytes:
    """Return the body of a multipart upload."""
    return (
        b"--b\r\nContent-Type: application/json\r\n\r\n" + resource + b"\r\n--b\r\nContent-Type: a/b\r\n\r\n" + content
    )


async def test_multipart(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """One request has the resource and the content."""
    url, headers = f"{sandbox.url}/{PATH}?uploadType=multipart", {"Content-Type": "multipart/related; boundary=b"}
    content = bytes(range(256)) * 10
    async with client.post(url, data=multipart(content) + b"\r\n--b--\r\n", headers=headers) as response:
        assert ("x/y", "2560") == ((made := await response.json())["contentType"], made["size"])
    assert content == (folder / "a").read_bytes()


@pytest.mark.parametrize(
    "body", [multipart(b"cut"), multipart(b"x\r\n--b--", b"[]"), multipart(b"x\r\n--b--", b"{}"), b""]
)
async def test_a_bad_body(sandbox: Sandbox, client: ClientSession, folder: Path, body: bytes) -> None:
    """A body that is cut, or has no resource, stores nothing."""
    url, headers = f"{sandbox.url}/{PATH}?uploadType=multipart", {"Content-Type": "multipart/related; boundary=b"}
    async with client.post(url, data=body, headers=headers) as response:
        assert 400 == response.status
    assert [] == list(folder.iterdir())
