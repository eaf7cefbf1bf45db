"""A real Orthanc with its DICOMweb plugin, on free ports of the loopback address."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from tests.ports import free_port

BINARY = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
PLUGINS = Path("/usr/share/orthanc/plugins")
needs_orthanc = pytest.mark.skipif(
    BINARY is None or not (PLUGINS / "libOrthancDicomWeb.so").exists(),
    reason="Orthanc with its DICOMweb plugin is not installed: make peers",
)


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A running Orthanc."""

    url: str
    client: ClientSession

    @property
    def dicom_web(self) -> str:
        """The root of its DICOMweb services."""
        return f"{self.url}/dicom-web"

    async def get(self, path: str) -> Any:
        """Return the JSON at *path* of its REST API."""
        async with self.client.get(self.url + path) as reply:
            return await reply.json()

    async def send(self, method: str, path: str, body: bytes) -> Any:
        """Send *body* to *path* of its REST API and return the JSON it answers."""
        async with self.client.request(method, self.url + path, data=body) as reply:
            return json.loads(await reply.text() or "null")

    async def files(self) -> list[bytes]:
        """Return every instance it holds as a Part 10 file."""
        found: list[bytes] = []
        for identifier in await self.get("/instances"):
            async with self.client.get(f"{self.url}/instances/{identifier}/file") as reply:
                found.append(await reply.read())
        return found


@asynccontextmanager
async def running_orthanc(folder: Path, **options: object) -> AsyncIterator[Orthanc]:
    """Start Orthanc with its data below *folder*; yield it when it answers; end it."""
    port = free_port()
    configuration = folder / "orthanc.json"
    settings = {
        "HttpPort": port,
        "DicomPort": free_port(),
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "Plugins": [str(PLUGINS)],
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "DicomThreadsCount": 2,
    }
    configuration.write_text(json.dumps(settings | options))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(str(BINARY), str(configuration), stdout=quiet, stderr=quiet)
    try:
        async with ClientSession() as client:
            orthanc = Orthanc(f"http://127.0.0.1:{port}", client)
            await _until_it_answers(orthanc)
            yield orthanc
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_it_answers(orthanc: Orthanc) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await orthanc.get("/system")
            except ClientError:
                await asyncio.sleep(0.05)
            else:
                return
