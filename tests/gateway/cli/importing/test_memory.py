"""An instance of 2 GiB goes from a bucket to a store in 128 MiB of memory, of the importer and of the sandbox."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydicom import dcmread

from tests.dicom_files import make_multi_frame
from tests.processes import hilum

LIMIT = 128 * 1024 * 1024
SIZE = 2**31 - 2
"""Octets of pixel data: the largest even number that 31 bits have."""
OPTIONAL = ("numpy", "PIL", "requests", "gdcm", "openjpeg", "jpeg_ls", "pylibjpeg", "libjpeg", "rle", "pandas")
"""What pydicom imports where it finds it, and an installation of Hilum alone does not have: 50 MiB."""


def without_optional(folder: Path) -> dict[str, str]:
    """Return an environment in which these cannot be imported, as where Hilum alone is installed."""
    folder.mkdir()
    for name in OPTIONAL:
        (folder / f"{name}.py").write_text("raise ImportError\n")
    return os.environ | {"PYTHONPATH": f"{folder}:{Path.cwd()}"}


def store(uid: str, received: list[int], sender: list[int]) -> web.Application:
    """Return a store that counts the octets, notes the peak memory of its only sender, and keeps nothing."""
    reference = {"00081150": {"vr": "UI", "Value": ["1.2"]}, "00081155": {"vr": "UI", "Value": [uid]}}

    async def answer(request: web.Request) -> web.Response:
        octets = 0
        async for chunk in request.content.iter_any():
            octets += len(chunk)
        received.extend([octets, peak_memory(sender[0])])
        report = {"00081199": {"vr": "SQ", "Value": [reference]}}
        return web.Response(body=json.dumps(report), content_type="application/dicom+json")

    application = web.Application()
    application.router.add_post("/studies", answer)
    return application


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_flat(tmp_path: Path) -> None:
    """Most of it is what the interpreter and the libraries take; none of it grows with the instance."""
    (tmp_path / "in").mkdir()
    make_multi_frame(tmp_path / "in" / "large.dcm", SIZE)
    uid = str(dcmread(tmp_path / "in" / "large.dcm", stop_before_pixels=True).SOPInstanceUID)
    received: list[int] = []
    sender: list[int] = []
    async with TestServer(store(uid, received, sender)) as server:
        config = tmp_path / "hilum.yaml"
        url = str(server.make_url(""))
        config.write_text(f"data_dir: {tmp_path}/data\ndestinations: {{s: {{kind: dicomweb, url: '{url}'}}}}\n")
        words = ("import", str(config), str(tmp_path / "in"), "s", "--json")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", *words,
            stdout=asyncio.subprocess.PIPE, env=without_optional(tmp_path / "no"),
        )  # fmt: skip
        sender.append(process.pid)
        out, _ = await process.communicate()
    assert (process.returncode, json.loads(out)["objects"]) == (0, {"stored": 1})
    assert received[0] > SIZE
    assert received[1] < LIMIT, f"{received[1] / 2**20:.0f} MiB"


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_both(tmp_path: Path) -> None:
    """The sandbox as the store needs no more: it writes what arrives, and reads the header and the digest in pieces."""
    (tmp_path / "in").mkdir()
    make_multi_frame(tmp_path / "in" / "large.dcm", SIZE)
    environment = without_optional(tmp_path / "no")
    command = ("sandbox", "--port", "0", "--data", tmp_path / "stores")
    async with hilum(*command, packages=tmp_path / "no") as sandbox:
        url = (await sandbox.logged("sandbox_started"))["url"]
        store_url = f"{url}/v1/projects/p/locations/l/datasets/d/dicomStores/s/dicomWeb"
        config = tmp_path / "hilum.yaml"
        config.write_text(f"data_dir: {tmp_path}/data\ndestinations: {{s: {{kind: dicomweb, url: '{store_url}'}}}}\n")
        words = ("import", str(config), str(tmp_path / "in"), "s", "--json")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", *words, stdout=asyncio.subprocess.PIPE, env=environment
        )
        out, _ = await process.communicate()
        peak = peak_memory(sandbox.process.pid)
    assert (process.returncode, json.loads(out)["objects"]) == (0, {"stored": 1})
    (stored,) = (tmp_path / "stores" / "dicom").rglob("*.dcm")
    assert stored.stat().st_size == (tmp_path / "in" / "large.dcm").stat().st_size
    assert peak < LIMIT, f"{peak / 2**20:.0f} MiB"


def peak_memory(process: int) -> int:
    """Return the largest resident set so far, in octets; of what wait4 tells, a part is that of this process."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024
