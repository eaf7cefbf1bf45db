"""An instance of any size passes through little memory."""

import asyncio
import shutil
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.dicom_files import make_multi_frame
from tests.ports import free_port
from tests.processes import hilum, serving
from tests.running import relay

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("storescu") is None, reason="DCMTK is not installed: make peers"),
]

GIB = 1 << 30
MOST = 108 << 20
"""Octets resident at most. About 105 MiB are used, of which 92 by code and libraries alone. The pages on the admin port
with jinja2, the journal and what is observed of peers took 6 MiB of them, the settings of the kinds of buckets, tables
and pipelines, which each configuration may use, 2 MiB."""
SHIPPED_ONLY = Path(__file__).parent.parent / "shipped_only"
"""Hides what an installation for use does not have."""
STORE = "v1/projects/p/locations/l/datasets/d/dicomStores/d/dicomWeb"


async def test_one_gibibyte(tmp_path: Path) -> None:
    """A multi-frame of 1 GiB is relayed with less than 108 MiB resident in the gateway, and all of it is stored."""
    path, port = tmp_path / "large.dcm", free_port()
    make_multi_frame(path, GIB)
    listener, destination = "kind: dimse, port: 0", f'kind: dicomweb, url: "http://127.0.0.1:{port}/{STORE}"'
    async with hilum("sandbox", "--port", str(port), "--data", tmp_path / "store") as sandbox:
        await sandbox.logged("sandbox_started")
        text = relay(listener, destination, within=60)
        async with serving(tmp_path, text, packages=SHIPPED_ONLY) as (gateway, ports):
            sender = await asyncio.create_subprocess_exec(
                "storescu", "--max-pdu", "131072", "-aec", "HILUM", "127.0.0.1", str(ports["in"]), str(path)
            )
            assert await sender.wait() == 0
            assert gateway.peak_memory() < MOST
    stored = [each for each in (tmp_path / "store").rglob("*") if each.is_file() and each.stat().st_size > GIB]
    assert len(stored) == 1
    assert len(dcmread(stored[0]).PixelData) == GIB
