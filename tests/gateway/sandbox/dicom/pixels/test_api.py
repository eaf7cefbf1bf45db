"""Frames, images and bulk data over HTTP."""

from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance, shipped, sop_instance_uid
from tests.gateway.sandbox.stow_client import Store

PIXELS = b"\x07\x00\x07\x00"
RLE = "1.2.840.10008.1.2.5"


@pytest.fixture
async def url(sandbox: Sandbox, store: Store, tmp_path: Path) -> str:
    """Store an instance; return its address."""
    file = make_instance(tmp_path, 7, "1.2", "1.3", rows=1, columns=2).read_bytes()
    await store(file)
    return f"{sandbox.dicom_web_url()}/studies/1.2/series/1.3/instances/{sop_instance_uid(file)}"


async def get(client: ClientSession, url: str, accept: str = "*/*") -> tuple[int, str, bytes]:
    """Return status, content type and body of a reply."""
    async with client.get(url, headers={"Accept": accept}) as response:
        return response.status, response.headers["Content-Type"], await response.read()


async def test_frames(client: ClientSession, url: str) -> None:
    """Frames are parts of octets; a single one is a plain body to a client that accepts that."""
    status, kind, body = await get(client, f"{url}/frames/1", 'multipart/related; type="application/octet-stream"')
    assert (status, kind.partition(";")[0]) == (200, "multipart/related")
    assert b"\r\n\r\n" + PIXELS + b"\r\n--" in body
    status, kind, body = await get(client, f"{url}/frames/1", "application/octet-stream")
    assert (status, kind, body) == (200, "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", PIXELS)
    _, _, body = await get(client, f"{url}/frames/1,1")
    assert body.count(PIXELS) == 2


async def test_stored_form(sandbox: Sandbox, client: ClientSession, store: Store) -> None:
    """Compressed frames are decoded, or as they are stored to a client that accepts their type or any syntax."""
    pytest.importorskip("numpy")
    await store(shipped("MR_small_RLE.dcm").read_bytes())
    async with client.get(f"{sandbox.dicom_web_url()}/instances") as response:
        (found,) = await response.json(content_type=None)
    url = found["00081190"]["Value"][0]
    _, kind, decoded = await get(client, f"{url}/frames/1", "application/octet-stream")
    assert (kind, len(decoded)) == ("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", 64 * 64 * 2)
    for accept in ("image/dicom-rle", f"application/octet-stream; transfer-syntax={RLE}"):
        _, kind, stored = await get(client, f"{url}/frames/1", accept)
        assert kind == f"{accept.partition(';')[0]}; transfer-syntax={RLE}"
        assert stored in shipped("MR_small_RLE.dcm").read_bytes()
    assert (await get(client, f"{url}/frames/1", "image/jp2"))[0] == 406


async def test_rendered(client: ClientSession, url: str) -> None:
    """An image is JPEG unless PNG is preferred; Google's client, which accepts JSON only, gets it too."""
    pytest.importorskip("numpy")
    pytest.importorskip("PIL")
    for accept, kind in (("*/*", "image/jpeg"), ("application/json", "image/jpeg"), ("image/png", "image/png")):
        assert (await get(client, f"{url}/rendered", accept))[:2] == (200, kind)
    assert (await get(client, f"{url}/frames/1/rendered?viewport=8,8"))[0] == 200
    for path, accept, status in (
        ("rendered", "video/mp4", 406),
        ("rendered?viewport=x", "*/*", 400),
        ("frames/2/rendered", "*/*", 404),
        ("frames/1,1/rendered", "*/*", 400),
    ):
        assert (await get(client, f"{url}/{path}", accept))[0] == status


async def test_bulkdata(client: ClientSession, url: str) -> None:
    """An element is octets, or a part of them."""
    for path in ("7FE00010", "dataset/7FE00010"):
        assert await get(client, f"{url}/bulkdata/{path}") == (200, "application/octet-stream", PIXELS)
    assert PIXELS in (await get(client, f"{url}/bulkdata/7FE00010", "multipart/related"))[2]
    assert (await get(client, f"{url}/bulkdata/7FE00010", "image/png"))[0] == 406
    assert (await get(client, f"{url}9/bulkdata/7FE00010"))[0] == 404
