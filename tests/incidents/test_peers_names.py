"""Incidents 20 to 22: AE titles and presentation contexts, with DCMTK as the modality."""

import asyncio
import shutil
from pathlib import Path

import pytest

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_series
from tests.incidents.staging import Stage, Told, settings, staged

pytestmark = [
    pytest.mark.slow,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("echoscu") is None, reason="DCMTK is not installed; `make peers` installs it"),
]
ROUTES = "{from: modalities, to: images, attempts: 1}"
COMMITMENT, ENHANCED_PET = "1.2.840.10008.1.20.1", "1.2.840.10008.5.1.4.1.1.130"
NO_STORE = "It can store nothing here; its user sees that sending fails."


def configuration(folder: Path, sandbox: Sandbox, more: str = "") -> str:
    """Return a gateway for modalities."""
    listener = f"modalities: {{kind: dimse, port: 0, called_ae_titles: [HILUM], {more}}}"
    destination = f"images: {{kind: dicomweb, url: '{sandbox.dicom_web_url()}'}}"
    return settings(folder, listener, destination, ROUTES)


async def echo(stage: Stage, calling: str, called: str) -> bool:
    """Ask for an echo as a technician does; tell whether it came back."""
    command = ("echoscu", "-aet", calling, "-aec", called, "127.0.0.1", str(stage.ports["modalities"]))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    return 0 == await process.wait()


async def storescu(stage: Stage, calling: str, *files: Path) -> bool:
    """Store files as a modality does; tell whether all were stored."""
    command = ("storescu", "-aet", calling, "-aec", "HILUM", "127.0.0.1", str(stage.ports["modalities"]))
    process = await asyncio.create_subprocess_exec(*command, *files, stderr=asyncio.subprocess.DEVNULL)
    return 0 == await process.wait()


async def test_20_wrong_called_title(tmp_path: Path) -> None:
    """MR3 calls HILUM1; then a technician corrects it."""
    told = Told(
        "called_ae_title",
        "MR3",
        "peer",
        "It calls AE title HILUM1; this listener is HILUM",
        "On MR3 set the AE title to HILUM, or add HILUM1 to listeners.modalities.called_ae_titles.",
        (NO_STORE,),
    )
    async with Sandbox(tmp_path / "store") as store, staged(tmp_path, configuration(tmp_path, store)) as stage:
        assert not await echo(stage, "MR3", "HILUM1")
        await stage.tells(told)
        assert await echo(stage, "MR3", "HILUM")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_21_calling_title_not_allowed(tmp_path: Path) -> None:
    """CT9 may not store here; then it gives up."""
    told = Told(
        "calling_ae_title",
        "CT9",
        "peer",
        "Its AE title is not among listeners.modalities.calling_ae_titles",
        "If it may, add CT9 to listeners.modalities.calling_ae_titles; if not, ask whose system 127.0.0.1 is.",
        (NO_STORE,),
    )
    limit = "calling_ae_titles: [CT1]"
    async with Sandbox(tmp_path / "store") as store, staged(tmp_path, configuration(tmp_path, store, limit)) as stage:
        assert not await echo(stage, "CT9", "HILUM")
        await stage.tells(told)
        assert await echo(stage, "CT1", "HILUM")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


@pytest.mark.parametrize("beside", [(), ("1.2.840.10008.5.1.4.1.1.2",)], ids=["none", "some"])
async def test_22_contexts_refused(tmp_path: Path, beside: tuple[str, ...]) -> None:
    """PET1 offers Enhanced PET, alone or beside a class that is taken; then it is switched to a class that is taken."""
    told = Told(
        "contexts_refused",
        "PET1",
        "peer",
        "PET1 offers Enhanced PET Image Storage: not in sop_classes",
        f"Add {ENHANCED_PET} to listeners.modalities.sop_classes, or switch PET1 to a class that is taken.",
    )
    limit = "sop_classes: [1.2.840.10008.5.1.4.1.1.2]"
    (file,) = make_series(tmp_path, 1)
    async with Sandbox(tmp_path / "store") as store, staged(tmp_path, configuration(tmp_path, store, limit)) as stage:
        assert -1 == await stage.instance("modalities", "1.2.3.4", "PET1", ENHANCED_PET, beside)
        await stage.tells(told)
        assert await storescu(stage, "PET1", file)
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_22_other_services(tmp_path: Path) -> None:
    """CT1 proposes storage commitment beside what it stores, as many modalities do: all is as usual."""
    async with Sandbox(tmp_path / "store") as store, staged(tmp_path, configuration(tmp_path, store)) as stage:
        assert 0 == await stage.instance("modalities", "1.2.3.4", "CT1", beside=(COMMITMENT,))
        await stage.is_as_usual()
        code, said = await stage.command("explain", "--peer", "CT1")
        assert (0, True) == (code, "Storage Commitment Push Model" in said), said
        assert [] == [each for each in stage.process.events if each["event"] == "case_began"]
