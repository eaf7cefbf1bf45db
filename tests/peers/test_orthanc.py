"""Orthanc as the store behind the relay, and Orthanc as the sender in front of it."""

import asyncio
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.dicom_files import data_set, make_series, shipped, sop_instance_uid
from tests.peers.orthanc import needs_orthanc, running_orthanc
from tests.running import relay, running_gateway

pytestmark = [
    needs_orthanc,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("storescu") is None, reason="DCMTK is not installed: make peers"),
]

T = TypeVar("T")

LISTENER = "kind: dimse, port: 0"
SHIPPED = {
    "reportsi.dcm": "--propose-little",
    "MR_small.dcm": "--propose-little",
    "ExplVR_BigEnd.dcm": "--propose-big",
    "693_J2KI.dcm": "--propose-j2k-lossy",
    "JPEG2000.dcm": "--propose-j2k-lossy",
    "SC_rgb_jpeg_dcmtk.dcm": "--propose-jpeg8",
    "liver_1frame.dcm": "--propose-little",
    "SC_rgb_rle.dcm": "--propose-rle",
    "rtplan.dcm": "--propose-implicit",
    "waveform_ecg.dcm": "--propose-little",
}
"""Files that the pydicom wheel carries, and the transfer syntax that storescu must be told to propose."""


async def run(*command: str | Path) -> tuple[int, str]:
    """Run a program to its end; return its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode(errors="replace")


async def as_dcmtk_writes(path: Path, folder: Path) -> Path:
    """Return a copy that DCMTK wrote: what it and Orthanc send they write anew, so only then octets can be equal."""
    copy = folder / path.name
    status, printed = await run("dcmconv", "--padding-off", path, copy)
    assert status == 0, printed
    return copy


def by_uid(files: Iterable[bytes], view: Callable[[bytes], T]) -> dict[str, T]:
    """Return SOP Instance UID to what *view* makes of each of the Part 10 *files*."""
    return {sop_instance_uid(each): view(each) for each in files}


async def test_storescu_stores_pydicoms_files(tmp_path: Path) -> None:
    """What storescu sends through Hilum comes out of Orthanc with the same data set, in every transfer syntax."""
    paths = {await as_dcmtk_writes(shipped(name), tmp_path): propose for name, propose in SHIPPED.items()}
    async with (
        running_orthanc(tmp_path) as orthanc,
        running_gateway(relay(LISTENER, f'kind: dicomweb, url: "{orthanc.dicom_web}"')) as gateway,
    ):
        port = str(gateway.ports["in"])
        for path, propose in paths.items():
            status, printed = await run("storescu", "-R", propose, "-aec", "HILUM", "127.0.0.1", port, path)
            assert status == 0, printed
        stored = await orthanc.files()
    assert by_uid((path.read_bytes() for path in paths), data_set) == by_uid(stored, data_set)


async def test_dcmsend_stores_a_folder(tmp_path: Path) -> None:
    """A folder of 200 instances goes through Hilum into Orthanc, all of it, unchanged; sending it again succeeds."""
    folder = tmp_path / "series"
    folder.mkdir()
    paths = make_series(folder, 200)
    async with (
        running_orthanc(tmp_path) as orthanc,
        running_gateway(relay(LISTENER, f'kind: dicomweb, url: "{orthanc.dicom_web}"')) as gateway,
    ):
        port = str(gateway.ports["in"])
        for _ in range(2):
            status, printed = await run("dcmsend", "-aec", "HILUM", "127.0.0.1", port, "--scan-directories", folder)
            assert status == 0, printed
        stored = await orthanc.files()
    assert by_uid((path.read_bytes() for path in paths), data_set) == by_uid(stored, data_set)


async def test_orthanc_as_sender(tmp_path: Path) -> None:
    """Orthanc, told that Hilum is a modality, sends it an instance, which arrives in a second Orthanc."""
    path = await as_dcmtk_writes(shipped("MR_small.dcm"), tmp_path)
    (tmp_path / "front").mkdir()
    (tmp_path / "back").mkdir()
    async with (
        running_orthanc(tmp_path / "back") as back,
        running_orthanc(tmp_path / "front") as front,
        running_gateway(relay(LISTENER, f'kind: dicomweb, url: "{back.dicom_web}"')) as gateway,
    ):
        kept = await front.send("POST", "/instances", path.read_bytes())
        await front.send("PUT", "/modalities/hilum", f'["HILUM", "127.0.0.1", {gateway.ports["in"]}]'.encode())
        sent = await front.send("POST", "/modalities/hilum/store", kept["ID"].encode())
        stored = await back.files()
    assert sent["FailedInstancesCount"] == 0
    assert by_uid([path.read_bytes()], data_set) == by_uid(stored, data_set)
