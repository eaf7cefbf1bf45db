"""The JSON API of Cloud Storage."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox


async def call(client: ClientSession, sandbox: Sandbox, method: str, path: str, **more: Any) -> tuple[int, Any]:
    """Return status and JSON of a reply."""
    async with client.request(method, f"{sandbox.url}/{path}", **more) as response:
        return response.status, await response.json() if response.content_length else None


async def put(client: ClientSession, sandbox: Sandbox, key: str, octets: bytes = b"x") -> dict[str, Any]:
    """Upload an object."""
    path = f"upload/storage/v1/b/north/o?uploadType=media&name={quote(key, safe='')}"
    status, made = await call(client, sandbox, "POST", path, data=octets)
    assert 200 == status
    return made  # type: ignore[no-any-return]


async def test_buckets(sandbox: Sandbox, client: ClientSession) -> None:
    """A bucket is made, shown, and removed; the named one is there."""
    status, made = await call(client, sandbox, "POST", "storage/v1/b?project=p", json={"name": "south"})
    assert (200, "south") == (status, made["name"])
    assert 409 == (await call(client, sandbox, "POST", "storage/v1/b", json={"name": "south"}))[0]
    assert 400 == (await call(client, sandbox, "POST", "storage/v1/b", json={}))[0]
    _, listed = await call(client, sandbox, "GET", "storage/v1/b?project=p")
    assert ["north", "south"] == [each["name"] for each in listed["items"]]
    assert 200 == (await call(client, sandbox, "GET", "storage/v1/b/north/storageLayout"))[0]
    assert 204 == (await call(client, sandbox, "DELETE", "storage/v1/b/south"))[0]
    assert 404 == (await call(client, sandbox, "GET", "storage/v1/b/south"))[0]


async def test_object(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An object is read by its name in one part of the path, whole or in ranges, also by its link."""
    made = await put(client, sandbox, "a/b c.dcm", b"0123456789")
    assert b"0123456789" == (folder / "a/b c.dcm").read_bytes()
    path = "storage/v1/b/north/o/a%2Fb%20c.dcm"
    status, found = await call(client, sandbox, "GET", path)
    assert (200, made) == (status, found)
    async with client.get(made["mediaLink"], headers={"Range": "bytes=2-4"}) as response:
        assert (206, "bytes 2-4/10", b"234") == (
            response.status,
            response.headers["Content-Range"],
            await response.read(),
        )
        assert f"crc32c={made['crc32c']},md5={made['md5Hash']}" == response.headers["x-goog-hash"]
    async with client.get(f"{sandbox.url}/{path}?alt=media") as response:
        assert b"0123456789" == await response.read()
    async with client.get(made["mediaLink"], headers={"Range": "bytes=10-"}) as response:
        assert 416 == response.status
    assert 204 == (await call(client, sandbox, "DELETE", f"{path}?generation={made['generation']}"))[0]
    status, error = await call(client, sandbox, "GET", path)
    assert (404, "notFound") == (status, error["error"]["errors"][0]["reason"])


async def test_preconditions(sandbox: Sandbox, client: ClientSession) -> None:
    """A generation that is not the one of a precondition is a 412; one that is known already a 304."""
    made = await put(client, sandbox, "a")
    path = "storage/v1/b/north/o/a"
    create = "upload/storage/v1/b/north/o?uploadType=media&name=a&ifGenerationMatch=0"
    assert 412 == (await call(client, sandbox, "POST", create, data=b"2"))[0]
    assert 304 == (await call(client, sandbox, "GET", f"{path}?ifGenerationNotMatch={made['generation']}"))[0]
    assert 412 == (await call(client, sandbox, "DELETE", f"{path}?ifGenerationMatch=1"))[0]
    assert 404 == (await call(client, sandbox, "GET", f"{path}?generation=1"))[0]


async def test_list(sandbox: Sandbox, client: ClientSession) -> None:
    """A listing has pages, prefixes and patterns."""
    for key in ("a/1.dcm", "a/2.dcm", "b.txt"):
        await put(client, sandbox, key)
    _, page = await call(client, sandbox, "GET", "storage/v1/b/north/o?maxResults=2")
    assert ["a/1.dcm", "a/2.dcm"] == [each["name"] for each in page["items"]]
    _, page = await call(client, sandbox, "GET", f"storage/v1/b/north/o?pageToken={page['nextPageToken']}")
    assert (["b.txt"], None) == ([each["name"] for each in page["items"]], page.get("nextPageToken"))
    _, page = await call(client, sandbox, "GET", "storage/v1/b/north/o?delimiter=/")
    assert (["b.txt"], ["a/"]) == ([each["name"] for each in page["items"]], page["prefixes"])
    _, page = await call(client, sandbox, "GET", "storage/v1/b/north/o?matchGlob=**.dcm")
    assert 2 == len(page["items"])


async def test_copies(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An object is copied, rewritten, composed, and its metadata changed."""
    await put(client, sandbox, "a", b"1")
    _, done = await call(client, sandbox, "POST", "storage/v1/b/north/o/a/rewriteTo/b/north/o/x%2Fb", json={})
    assert (True, "x/b") == (done["done"], done["resource"]["name"])
    assert 200 == (await call(client, sandbox, "POST", "storage/v1/b/north/o/a/copyTo/b/north/o/c"))[0]
    body = {"sourceObjects": [{"name": "a"}, {"name": "c"}]}
    assert 200 == (await call(client, sandbox, "POST", "storage/v1/b/north/o/d/compose", json=body))[0]
    assert b"11" == (folder / "d").read_bytes()
    _, changed = await call(client, sandbox, "PATCH", "storage/v1/b/north/o/d", json={"metadata": {"k": "v"}})
    assert ("2", {"k": "v"}) == (changed["metageneration"], changed["metadata"])


@pytest.mark.parametrize(
    "path", ["storage/v1/b/north/iam", "storage/v1/b/north/o/a/acl", "storage/v1/b/north/o?versions=true"]
)
async def test_what_is_not_there(sandbox: Sandbox, client: ClientSession, path: str) -> None:
    """A method that the sandbox does not have says so."""
    assert 501 == (await call(client, sandbox, "GET", path))[0]
