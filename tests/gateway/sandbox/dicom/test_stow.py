"""STOW-RS over HTTP."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from gateway.sandbox.dicom.file import FailureReason
from gateway.sandbox.dicom.upload import AT_ONCE
from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance, shipped, sop_instance_uid
from tests.gateway.sandbox.stow_client import HEAD, MULTIPART, Store, multipart
from tests.waiting import until

REFERENCED, FAILED, OTHER = "00081199", "00081198", "0008119A"
SOP_UID, REASON = "00081155", "00081197"


def stored(report: dict[str, Any]) -> list[str]:
    """Return the SOP Instance UIDs that are reported as stored."""
    return [item[SOP_UID]["Value"][0] for item in report.get(REFERENCED, {}).get("Value", [])]


def failed(report: dict[str, Any]) -> dict[str, int]:
    """Return SOP Instance UIDs to failure reasons."""
    return {item[SOP_UID]["Value"][0]: item[REASON]["Value"][0] for item in report.get(FAILED, {}).get("Value", [])}


@pytest.fixture
def files(tmp_path: Path) -> list[bytes]:
    """Make two instances of one study."""
    return [make_instance(tmp_path, number, "1.2.3", "1.2.3.4").read_bytes() for number in (1, 2)]


async def test_stored(store: Store, files: list[bytes]) -> None:
    """All stored: 200, every instance referenced with the address to get it from."""
    status, report = await store(*files)
    assert (status, stored(report), failed(report)) == (200, [sop_instance_uid(file) for file in files], {})
    assert report["00081190"]["Value"][0].endswith("/dicomStores/d/dicomWeb/studies/1.2.3")
    url = report[REFERENCED]["Value"][0]["00081190"]["Value"][0]
    assert url.endswith(f"/dicomWeb/studies/1.2.3/series/1.2.3.4/instances/{sop_instance_uid(files[0])}")


async def test_some_stored(store: Store, files: list[bytes]) -> None:
    """Some stored: 202, and each instance has its own verdict."""
    disagreeing = shipped("rtplan.dcm").read_bytes()
    status, report = await store(files[0], disagreeing, b"nonsense")
    assert (status, stored(report)) == (202, [sop_instance_uid(files[0])])
    assert list(failed(report).values()) == [FailureReason.INVALID_INSTANCE]
    assert report[OTHER]["Value"] == [{REASON: {"vr": "US", "Value": [FailureReason.CANNOT_UNDERSTAND]}}]


async def test_none_stored(store: Store) -> None:
    """None stored: 409 with the reason."""
    status, report = await store(shipped("MR_truncated.dcm").read_bytes())
    assert (status, stored(report)) == (409, [])
    assert list(failed(report).values()) == [FailureReason.CANNOT_UNDERSTAND]


async def test_no_dicom(store: Store) -> None:
    """Nothing in the request that is DICOM: 400, for there is no instance that could be in conflict."""
    status, report = await store(b"nonsense", shipped("no_meta.dcm").read_bytes())
    assert (status, len(report[OTHER]["Value"])) == (400, 2)


async def test_again(store: Store, files: list[bytes]) -> None:
    """The same instance again is success, also within one request."""
    assert [200, 200] == [(await store(*files, files[0]))[0] for _ in range(2)]


async def test_at_once(store: Store, files: list[bytes]) -> None:
    """The same instance at the same time is success for everyone, and stored once."""
    replies = await asyncio.gather(*(store(files[0]) for _ in range(10)))
    assert [200] * 10 == [status for status, _ in replies]


async def test_conflict(store: Store, files: list[bytes]) -> None:
    """Another data set under the same UID is a duplicate: 409 with 0111H."""
    await store(files[0])
    status, report = await store(files[0].replace(b"TEST^NOBODY", b"TEST^OTHERS"))
    assert (status, failed(report)) == (409, {sop_instance_uid(files[0]): 0x0111})


async def test_study(store: Store, files: list[bytes]) -> None:
    """The address of a study takes its instances only."""
    assert (await store(files[0], study="1.2.3"))[0] == 200
    status, report = await store(files[1], study="1.2.4")
    assert (status, failed(report)) == (409, {sop_instance_uid(files[1]): FailureReason.STUDY_MISMATCH})


async def test_chunked(sandbox: Sandbox, client: ClientSession, files: list[bytes]) -> None:
    """A request of unknown length, in pieces of any size, is stored whole."""

    async def body() -> AsyncIterator[bytes]:
        whole = HEAD + files[0] + b"\r\n--B--\r\n"
        for start in range(0, len(whole), 997):
            yield whole[start : start + 997]

    async with client.post(f"{sandbox.dicom_web_url()}/studies", data=body(), headers=MULTIPART) as response:
        assert (response.status, stored(await response.json(content_type=None))) == (200, [sop_instance_uid(files[0])])


REQUESTS = {
    "not multipart": ("application/dicom", b"", 415),
    "another type": ('multipart/related; type="application/dicom+json"; boundary=B', b"--B--", 415),
    "no type": ("multipart/related; boundary=B", b"--B--", 415),
    "no boundary": ('multipart/related; type="application/dicom"', b"--B--", 400),
    "a boundary that is too long": (f'multipart/related; type="application/dicom"; boundary={"B" * 71}', b"", 400),
    "no body": (MULTIPART["Content-Type"], b"", 400),
    "no part": (MULTIPART["Content-Type"], b"--B--", 400),
    "no end": (MULTIPART["Content-Type"], HEAD + b"x", 400),
    "a part of another type": (
        MULTIPART["Content-Type"],
        b"--B\r\nContent-Type: image/jpeg\r\n\r\nx\r\n--B--",
        400,
    ),
}


@pytest.mark.parametrize(("content_type", "body", "status"), REQUESTS.values(), ids=REQUESTS)
async def test_refused(sandbox: Sandbox, client: ClientSession, content_type: str, body: bytes, status: int) -> None:
    """A request that is not what STOW-RS wants is refused as a whole."""
    headers = {"Content-Type": content_type}
    async with client.post(f"{sandbox.dicom_web_url()}/studies", data=body, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (status, status)


async def test_broken_after_a_sound_part(sandbox: Sandbox, client: ClientSession, files: list[bytes]) -> None:
    """Nothing is stored of a request that is not whole."""
    body = HEAD + files[0] + b"\r\n" + HEAD + files[1]
    async with client.post(f"{sandbox.dicom_web_url()}/studies", data=body, headers=MULTIPART) as response:
        assert response.status == 400
    async with client.get(f"{sandbox.dicom_web_url()}/instances") as response:
        assert response.status == 204


async def test_not_acceptable(sandbox: Sandbox, client: ClientSession) -> None:
    """A request that does not accept JSON is refused before the body is read."""
    headers = MULTIPART | {"Accept": "application/dicom+xml"}
    async with client.post(f"{sandbox.dicom_web_url()}/studies", data=b"", headers=headers) as response:
        assert response.status == 406


BEGINNING = HEAD + b"x" * AT_ONCE
"""Enough that it is written before the rest arrives."""
LENGTHS = {
    "length known": (b"Content-Length: 1000000", BEGINNING),
    "chunked": (b"Transfer-Encoding: chunked", b"%x\r\n%b\r\n" % (len(BEGINNING), BEGINNING)),
}


@pytest.mark.parametrize(("length", "beginning"), LENGTHS.values(), ids=LENGTHS)
async def test_client_vanishes(sandbox: Sandbox, tmp_path: Path, length: bytes, beginning: bytes) -> None:
    """Nothing is left of an instance whose sender disconnects."""
    incoming = tmp_path / "data" / "incoming"
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    path = urlsplit(sandbox.dicom_web_url()).path
    content_type = MULTIPART["Content-Type"].encode()
    writer.write(b"POST %b/studies HTTP/1.1\r\nHost: x\r\nContent-Type: %b\r\n" % (path.encode(), content_type))
    writer.write(length + b"\r\n\r\n" + beginning)
    await until(lambda: list(incoming.iterdir()))
    writer.transport.abort()
    await until(lambda: not list(incoming.iterdir()))
    assert not list((tmp_path / "data" / "dicom").iterdir())
    assert reader.at_eof()


async def test_coded_body(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> None:
    """A body that is compressed is not taken: it could fill the disk with a thousand times its size."""
    headers = {**MULTIPART, "Content-Encoding": "gzip"}
    body = gzip.compress(multipart(bytes(1 << 20)))
    async with client.post(f"{sandbox.dicom_web_url()}/studies", data=body, headers=headers) as response:
        assert 415 == response.status
    assert not list((tmp_path / "data" / "incoming").iterdir())
