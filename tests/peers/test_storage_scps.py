"""Other systems' storage SCPs as the peers of ``hilum send dicom`` and ``hilum echo``: DCMTK's storescp, CTN."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.dsutils import encode

from adapters.dimse.protocol.command import CommandField
from adapters.dimse.protocol.requests import Ask
from adapters.dimse.requesting.association import associate
from adapters.dimse.requesting.sender import SendResult, echo, send
from gateway.contract.sending import Address, SendOptions
from tests.adapters.dimse.raw_peer import CT, IMPLICIT, VERIFICATION
from tests.dicom_files import make_series, shipped
from tests.ports import free_port

COMMANDS: dict[str, tuple[str, ...]] = {
    "storescp": ("storescp", "--quiet", "{port}"),
    "storescp --abort-during": ("storescp", "--quiet", "--abort-during", "{port}"),
    "storescp --abort-after": ("storescp", "--quiet", "--abort-after", "{port}"),
    "storescp --sleep-during": ("storescp", "--quiet", "--sleep-during", "60", "{port}"),
    "simple_storage": ("simple_storage", "-s", "{port}"),  # CTN's; a connection without an octet is its end
}
PEERS = [
    pytest.param(name, marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"not installed: {name}"))
    for name in ("storescp", "simple_storage")
]
FIND = "1.2.840.10008.5.1.4.1.2.1.1"  # Patient Root Query/Retrieve Information Model - FIND
needs_storescp = pytest.mark.skipif(shutil.which("storescp") is None, reason="not installed: storescp")


@asynccontextmanager
async def running(name: str, folder: Path) -> AsyncIterator[int]:
    """Run the peer in *folder*; yield its port."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(part.format(port=port) for part in COMMANDS[name]),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):  # asked in its own protocol until it is there
            while (await echo(Address("127.0.0.1", port, "PEER"))).status is None:
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("name", PEERS)
async def test_one_association_after_the_other(name: str, tmp_path: Path) -> None:
    """Echoes and instances are answered, and the peer is still there afterwards."""
    files = make_series(tmp_path, 3)
    async with running(name, tmp_path) as port:
        for _ in range(2):
            assert ["0000"] * 3 == [each.status async for each in send(Address("127.0.0.1", port, "PEER"), files)]
            assert "0000" == (await echo(Address("127.0.0.1", port, "PEER"))).status


@pytest.mark.parametrize("name", PEERS)
async def test_file_meta_of_another_instance(name: str, tmp_path: Path) -> None:
    """A file whose File Meta Information names another instance is stored: its C-STORE-RQ names what is in it."""
    (path,) = make_series(tmp_path, 1)
    uid = str(dcmread(path).SOPInstanceUID)
    other = uid[:-1] + ("1" if uid[-1] != "1" else "2")
    path.write_bytes(path.read_bytes().replace(uid.encode(), other.encode(), 1))
    async with running(name, tmp_path) as port:
        (result,) = [each async for each in send(Address("127.0.0.1", port, "PEER"), [path])]
    assert ("0000", uid) == (result.status, result.sop_instance_uid)


async def results_of(paths: list[Path], port: int, seconds: float = 60) -> list[tuple[str | None, str]]:
    """Send *paths*; return the status and the reason of each."""
    results: list[SendResult] = [
        each async for each in send(Address("127.0.0.1", port, "PEER"), paths, SendOptions(timeout=seconds))
    ]
    return [(each.status, each.reason) for each in results]


SMALL, LARGE = 64, 4000  # rows and columns; the kernel takes the whole of a small instance, read or not
ENDINGS = [
    ("--abort-during", SMALL, 60, "the peer aborted the association"),
    ("--abort-during", LARGE, 60, "the peer aborted the association"),
    ("--abort-after", SMALL, 60, "the peer aborted the association"),
    ("--abort-after", LARGE, 60, "the peer aborted the association"),
    ("--sleep-during", SMALL, 3, "no answer in 3 s"),
    ("--sleep-during", LARGE, 3, "the peer did not take the data in 3 s"),
]


@needs_storescp
@pytest.mark.parametrize(("option", "size", "seconds", "reason"), ENDINGS)
async def test_storescp_ends_it(option: str, size: int, seconds: float, reason: str, tmp_path: Path) -> None:
    """The A-ABORT of storescp, in the middle of a data set or behind it, is read; its silence is no abort."""
    files = make_series(tmp_path, 1, rows=size, columns=size)
    async with running(f"storescp {option}", tmp_path) as port:
        assert [(None, reason)] == await results_of(files, port, seconds)


@needs_storescp
async def test_storescp_without_jpeg_2000(tmp_path: Path) -> None:
    """A peer that takes uncompressed images only is named with what it does not take."""
    files = [shipped("JPEG2000.dcm")]
    kind = dcmread(files[0]).SOPClassUID.name
    reason = f"{kind} / JPEG 2000 Image Compression (result 4: transfer syntax not supported)"
    async with running("storescp", tmp_path) as port:
        alone = await results_of(files, port)
        with_others = await results_of([*files, *make_series(tmp_path, 1)], port)
    assert [(None, f"association accepted, but none of the proposed contexts: {reason}")] == alone
    assert [(None, f"the peer does not accept {reason}"), ("0000", "")] == with_others


@contextmanager
def pynetdicom_scp(*sop_classes: str, on_store: Any = None) -> Iterator[int]:
    """Run pynetdicom's acceptor for *sop_classes*; yield its port."""
    entity = AE()
    for sop_class in sop_classes:
        entity.add_supported_context(sop_class)
    handlers: list[Any] = [(evt.EVT_C_STORE, on_store)] if on_store else []
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


async def test_pynetdicom_without_the_sop_class(tmp_path: Path) -> None:
    """A peer that takes no CT images says so with result 3, and that is what is told."""
    with pynetdicom_scp(VERIFICATION) as port:
        results = await results_of(make_series(tmp_path, 1), port)
    kind = "CT Image Storage / Explicit VR Little Endian (result 3: abstract syntax not supported)"
    assert [(None, f"association accepted, but none of the proposed contexts: {kind}")] == results


async def test_pynetdicom_aborts(tmp_path: Path) -> None:
    """An A-ABORT instead of a C-STORE-RSP is told as such."""

    def abort(event: evt.Event) -> int:
        event.assoc.abort()
        return 0

    with pynetdicom_scp(CT, on_store=abort) as port:
        results = await results_of(make_series(tmp_path, 1), port)
    assert [(None, "the peer aborted the association")] == results


async def test_http_server(tmp_path: Path) -> None:
    """A port of the web server is named as such; it has closed the connection before it read anything."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        results = await results_of(make_series(tmp_path, 2), server.sockets[0].getsockname()[1])
    assert [(None, "not DICOM: the peer answered HTTP")] * 2 == results


async def test_find_with_pynetdicom() -> None:
    """A request with several responses, each with its identifier, works as C-ECHO and C-STORE do."""
    found = [_patient(f"P{number}") for number in range(3)]

    def answer(_: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        yield from ((0xFF00, each) for each in found)

    async def query() -> AsyncIterator[bytes]:
        yield _implicit(_patient(""))

    entity = AE()
    entity.add_supported_context(FIND)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, answer)])
    assert server is not None
    try:
        address = Address("127.0.0.1", server.server_address[1], "PEER")
        async with associate(address, {1: (FIND, IMPLICIT)}) as association:
            ask = Ask(1, CommandField.C_FIND_RQ, FIND, has_data_set=True)
            responses = [(each.status, octets) async for each, octets in association.request(ask, query())]
    finally:
        server.shutdown()
    assert [*((0xFF00, _implicit(each)) for each in found), (0, b"")] == responses


def _patient(identifier: str) -> Dataset:
    query = Dataset()
    query.QueryRetrieveLevel, query.PatientID = "PATIENT", identifier
    return query


def _implicit(data_set: Dataset) -> bytes:
    return encode(data_set, True, True) or b""
