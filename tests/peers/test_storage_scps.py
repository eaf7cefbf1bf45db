"""Other systems' storage SCPs as the peers of ``hilum send dicom`` and ``hilum echo``: DCMTK's storescp, CTN."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydicom import dcmread

from adapters.dimse.sender import echo, send
from tests.dicom_files import make_series
from tests.ports import free_port

COMMANDS: dict[str, tuple[str, ...]] = {
    "storescp": ("storescp", "--quiet", "{port}"),
    "simple_storage": ("simple_storage", "-s", "{port}"),  # CTN's; a connection without an octet is its end
}
PEERS = [
    pytest.param(name, marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"not installed: {name}"))
    for name in COMMANDS
]


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
            while (await echo("PEER", "127.0.0.1", port)).status is None:
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
            assert ["0000"] * 3 == [each.status async for each in send(files, "PEER", "127.0.0.1", port)]
            assert "0000" == (await echo("PEER", "127.0.0.1", port)).status


@pytest.mark.parametrize("name", PEERS)
async def test_file_meta_of_another_instance(name: str, tmp_path: Path) -> None:
    """A file whose File Meta Information names another instance is stored: its C-STORE-RQ names what is in it."""
    (path,) = make_series(tmp_path, 1)
    uid = str(dcmread(path).SOPInstanceUID)
    other = uid[:-1] + ("1" if uid[-1] != "1" else "2")
    path.write_bytes(path.read_bytes().replace(uid.encode(), other.encode(), 1))
    async with running(name, tmp_path) as port:
        (result,) = [each async for each in send([path], "PEER", "127.0.0.1", port)]
    assert ("0000", uid) == (result.status, result.sop_instance_uid)
