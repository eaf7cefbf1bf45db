"""An image at which a decoder ends its process costs one refusal: the gateway goes on, and nothing stays behind."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("rapidocr_onnxruntime", reason="the extra ocr is not installed")

from adapters.dimse.requesting.commands import send
from gateway.contract.sending import Address
from tests.adapters.deidentify.dicom.pixels.test_apart import deadly_jpeg
from tests.dicom_files import shipped
from tests.faults.workers import serving_workers
from tests.gateway.deidentified import Store, steps, store
from tests.gateway.test_steps import parked
from tests.processes import serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc"),
]
LOST = 'hilum_deidentified_messages_total{result="process_lost",step="anonymous"}'
INTACT = "SC_rgb_jpeg_gdcm.dcm"


def configuration(folder: Path, research: Store, acknowledge: str, workers: int) -> str:
    """Return a gateway that redacts text in images."""
    listed = steps(folder).replace(
        "kind: deidentify,", "kind: deidentify, default_domain: hospital, dicom: {pixels: redact_all_text},"
    )
    return (
        f"listeners: {{in: {{kind: dimse, port: 0, acknowledge: {acknowledge}}}}}\n"
        f"destinations: {{out: {{kind: dicomweb, url: '{research.url}', via: [anonymous]}}}}\n"
        f"routes: [{{from: in, to: out{', within: 120' if acknowledge == 'relay' else ''}}}]\n"
        f"data_dir: {folder}/data\nworkers: {workers}\n{listed}"
    )


async def sent(port: int, *files: Path) -> list[str]:
    """Send files; return the statuses."""
    return [each.answer async for each in send(Address("127.0.0.1", port, "HILUM"), list(files))]


def children(parents: Sequence[int]) -> dict[int, str]:
    """Return the processes that these have started, each with its command."""
    found = {}
    for each in Path("/proc").iterdir():
        try:
            parent = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            command = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError, IndexError):
            continue
        if parent in parents:
            found[int(each.name)] = command
    return found


def files(folder: Path) -> tuple[Path, Path]:
    """Return a file at which gdcm ends its process, and the same one before it was damaged."""
    deadly, intact = folder / "deadly.dcm", folder / "intact.dcm"
    deadly.write_bytes(deadly_jpeg())
    intact.write_bytes(shipped(INTACT).read_bytes())
    return deadly, intact


async def test_relay(tmp_path: Path) -> None:
    """The sender is refused for good, no worker dies, and whatever is killed, the process for images ends as well."""
    deadly, intact = files(tmp_path)
    async with store() as research, serving_workers(tmp_path, configuration(tmp_path, research, "relay", 2)) as gateway:
        await gateway.until_ready()
        before = gateway.pids
        assert {} == {pid: each for pid, each in children(before).items() if "resource_tracker" not in each}
        assert ["C000", "0000"] == await sent(gateway.port, deadly, intact)
        lost = await gateway.process.all_logged("image_process_lost", 2)
        assert {("anonymous", -signal.SIGABRT, "ended")} == {
            (each["step"], each["status"], each["reason"]) for each in lost
        }

        assert 2 == await gateway.metric(LOST)
        assert before == gateway.pids
        assert "Adobe" not in str(gateway.process.events)
        images = children(before)
        assert images
        for pid in (gateway.process.process.pid, *before):
            os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(60):
            while any(Path(f"/proc/{pid}").exists() for pid in images):
                await asyncio.sleep(0.05)


async def test_commit(tmp_path: Path) -> None:
    """The message is parked with its reason after one delivery, and those behind it are delivered."""
    deadly, intact = files(tmp_path)
    async with (
        store() as research,
        serving(tmp_path, configuration(tmp_path, research, "commit", 1)) as (gateway, ports),
    ):
        assert ["0000", "0000"] == await sent(ports["in"], deadly, intact)
        record = await parked(tmp_path)
        assert "ended by itself, twice" in record["reason"]
        async with asyncio.timeout(60):
            while not any(b"DICM" in each.body for each in research.taken):
                await asyncio.sleep(0.05)
        assert 2 == len(await gateway.all_logged("image_process_lost", 2))
        gateway.process.terminate()
        assert 0 == await gateway.ended()
