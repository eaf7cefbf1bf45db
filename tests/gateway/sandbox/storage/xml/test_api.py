"""The XML API, as Cloud Storage and as S3."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

S3 = {"x-amz-date": "20200101T000000Z"}


async def call(
    client: ClientSession, sandbox: Sandbox, method: str, path: str, **more: Any
) -> tuple[int, str, Mapping[str, str]]:
    """Return status, text and headers of a reply."""
    async with client.request(method, f"{sandbox.url}/{path}", **more) as response:
        return response.status, (await response.read()).decode("latin-1"), response.headers


async def test_object(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An object is put, read, and removed by its path."""
    put = {"data": b"0123456789", "headers": {"Content-Type": "x/y", "x-amz-meta-k": "v"}}
    status, _, headers = await call(client, sandbox, "PUT", "north/a/b%20c", **put)
    assert 200 == status
    assert b"0123456789" == (folder / "a/b c").read_bytes()
    status, text, found = await call(client, sandbox, "GET", "north/a/b%20c", headers={"Range": "bytes=-2"})
    assert (206, "89", "x/y", "v") == (status, text, found["Content-Type"], found["x-goog-meta-k"])
    assert headers["ETag"] == found["ETag"]
    status, text, found = await call(client, sandbox, "HEAD", "north/a/b%20c", headers=S3)
    assert (200, "", "10", "v") == (status, text, found["Content-Length"], found["x-amz-meta-k"])
    status, _, _ = await call(client, sandbox, "GET", "north/a/b%20c", headers={"If-None-Match": found["ETag"]})
    assert 304 == status
    assert 204 == (await call(client, sandbox, "DELETE", "north/a/b%20c"))[0]
    assert 404 == (await call(client, sandbox, "DELETE", "north/a/b%20c"))[0]
    assert 204 == (await call(client, sandbox, "DELETE", "north/a/b%20c", headers=S3))[0]
    status, text, _ = await call(client, sandbox, "GET", "north/a/b%20c")
    assert (404, True) == (status, "<Code>NoSuchKey</Code>" in text)
    assert "<Code>NoSuchBucket</Code>" in (await call(client, sandbox, "GET", "nowhere/a"))[1]


@pytest.mark.parametrize("headers", [{"If-None-Match": "*"}, {"x-goog-if-generation-match": "0"}])
async def test_only_new(sandbox: Sandbox, client: ClientSession, folder: Path, headers: dict[str, str]) -> None:
    """An object is created only if there is none."""
    assert 200 == (await call(client, sandbox, "PUT", "north/a", data=b"1", headers=headers))[0]
    assert 412 == (await call(client, sandbox, "PUT", "north/a", data=b"2", headers=headers))[0]
    assert b"1" == (folder / "a").read_bytes()


async def test_digests(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """Octets with another digest than was sent are refused."""
    md5 = base64.b64encode(hashlib.md5(b"12").digest()).decode()
    sha256 = hashlib.sha256(b"12").hexdigest()
    for headers in ({"Content-MD5": md5}, {"x-amz-content-sha256": sha256}, {"x-goog-hash": f"md5={md5}"}):
        assert 400 == (await call(client, sandbox, "PUT", "north/a", data=b"1", headers=headers))[0]
        assert [] == list(folder.iterdir())
        assert 200 == (await call(client, sandbox, "PUT", "north/a", data=b"12", headers=headers))[0]
        (folder / "a").unlink()
    chunked = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
    assert 501 == (await call(client, sandbox, "PUT", "north/a", data=b"1", headers=chunked))[0]


async def test_list(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """A listing has pages in both versions."""
    for key in ("a&b", "c/1", "d"):
        (folder / key).parent.mkdir(exist_ok=True)
        (folder / key).write_bytes(b"1")
    _, text, _ = await call(client, sandbox, "GET", "north?list-type=2&max-keys=2")
    assert "<Key>a&amp;b</Key>" in text
    assert "<IsTruncated>true</IsTruncated>" in text
    token = text.partition("<NextContinuationToken>")[2].partition("<")[0]
    _, text, _ = await call(client, sandbox, "GET", "north", params={"list-type": "2", "continuation-token": token})
    assert ("<Key>d</Key>" in text, "c/1" in text) == (True, False)
    _, text, _ = await call(client, sandbox, "GET", "north/?delimiter=/&marker=b")
    assert "<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>" in text
    assert "LocationConstraint" in (await call(client, sandbox, "GET", "north?location"))[1]


async def test_copy_and_remove_several(sandbox: Sandbox, client: ClientSession, folder: Path) -> None:
    """An object is copied by a header; several are removed by one request."""
    (folder / "a").write_bytes(b"1")
    status, text, _ = await call(client, sandbox, "PUT", "north/b", headers={"x-amz-copy-source": "/north/a"})
    assert (200, True) == (status, "<CopyObjectResult" in text)
    body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Key>x</Key></Object></Delete>"
    status, text, _ = await call(client, sandbox, "POST", "north?delete", data=body.encode())
    assert (200, 3) == (status, text.count("<Deleted>"))
    assert [] == list(folder.iterdir())


async def test_buckets(sandbox: Sandbox, client: ClientSession) -> None:
    """A bucket is made and removed."""
    assert [200, 200, 409, 204, 404] == [
        (await call(client, sandbox, method, "south"))[0] for method in ("PUT", "HEAD", "PUT", "DELETE", "HEAD")
    ]


@pytest.mark.parametrize("path", ["north?acl", "north/a?tagging", "north?versioning"])
async def test_what_is_not_there(sandbox: Sandbox, client: ClientSession, path: str) -> None:
    """What the sandbox does not have says so."""
    status, text, _ = await call(client, sandbox, "GET", path)
    assert (501, True) == (status, "NotImplemented" in text)


async def test_paths_of_other_apis(sandbox: Sandbox, client: ClientSession) -> None:
    """The path of a bucket takes nothing from other APIs."""
    assert 200 == (await call(client, sandbox, "GET", ""))[0]
    assert 501 == (await call(client, sandbox, "GET", "storage/v1/x"))[0]
