"""What the images of a step share is ended with it; who is told of a lost process."""

import asyncio
import multiprocessing
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from adapters.deidentify import engines
from adapters.deidentify.images import PROCESS_LOST, Images, lost_by
from adapters.deidentify.step import Deidentify
from adapters.isolation.process import LostError
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from gateway.contract.outlook import Outlook
from gateway.process.loop import run_loop
from tests.adapters.deidentify.support import CT, of_dicom, opened, read

pytest.importorskip("numpy", reason="the extra ocr is not installed")

from tests.adapters.deidentify.dicom.pixels.doubles import Crashing, Hanging
from tests.adapters.deidentify.dicom.pixels.test_apart import DEADLY_FILE, ORDINARY


def test_lost() -> None:
    """A lost process is counted and logged without any octet of its image."""
    counted: list[str] = []
    lost = lost_by("anonymous", counted.append)
    assert lost is not None
    with capture_logs() as logged:
        lost(LostError(has_hung=False, status=-6))
        lost(LostError(has_hung=True, status=-9))
    assert [PROCESS_LOST] * 2 == counted
    assert [("anonymous", -6, "ended"), ("anonymous", -9, "hung")] == [
        (each["step"], each["status"], each["reason"]) for each in logged
    ]


def test_in_a_process_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is itself replaced when it ends starts none: ``multiprocessing`` forbids it."""
    monkeypatch.setattr(multiprocessing, "current_process", lambda: SimpleNamespace(daemon=True))
    assert lost_by("anonymous", lambda _: None) is None


async def test_nothing_to_close() -> None:
    """Where no image is searched, no process is started or ended."""
    before = multiprocessing.active_children()
    await Images(None).close()
    assert not started_since(before)


def started_since(before: Sequence[object]) -> list[object]:
    """Return the processes that this one has, but for those that it had *before*."""
    return [each for each in multiprocessing.active_children() if each not in before]


async def test_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image at which the process ends is refused for good; a header needs no process, and none stays."""
    before = multiprocessing.active_children()
    monkeypatch.setattr(engines, "detector_of", lambda _: Crashing)
    counted: list[str] = []
    options = {"pixels": "redact_all_text", "search_originals": False}
    async with opened(tmp_path, counted, dicom=options) as step:
        assert await answered(step, CT)
        assert not started_since(before)
        assert "ended by itself" in await reason(step, DEADLY_FILE)
    assert not started_since(before)
    assert ["transformed", PROCESS_LOST, PROCESS_LOST, "held_back"] == counted


async def test_end_during_a_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that is closed while an image is searched ends at once, and no process stays."""
    before = multiprocessing.active_children()
    monkeypatch.setattr(engines, "detector_of", lambda _: Hanging)
    async with opened(tmp_path, dicom={"pixels": "redact_all_text"}) as step:
        working = asyncio.create_task(step(of_dicom(WholeBody(DEADLY_FILE))))
        async with asyncio.timeout(60):
            while not started_since(before):
                await asyncio.sleep(0.01)
        working.cancel()
    assert not started_since(before)
    with pytest.raises(asyncio.CancelledError):
        await working


def search_in_a_daemon(folder: Path) -> None:
    """Search an image in a process that may have no children."""
    pytest.MonkeyPatch().setattr(engines, "detector_of", lambda _: Crashing)  # no other test runs in this process

    async def search() -> None:
        async with opened(folder, dicom={"pixels": "redact_all_text"}) as step:
            assert await answered(step, ORDINARY)
            assert [] == multiprocessing.active_children()

    run_loop(search())


def test_search_in_a_daemon(tmp_path: Path) -> None:
    """A process as those of ``hilum deidentify`` searches images itself."""
    process = multiprocessing.get_context("spawn").Process(target=search_in_a_daemon, args=(tmp_path,), daemon=True)
    process.start()
    process.join(120)
    assert 0 == process.exitcode
    process.close()


async def answered(step: Deidentify, file: bytes) -> bytes:
    """Return what the step makes of an instance."""
    made = await step(of_dicom(WholeBody(file)))
    assert isinstance(made, Message)
    return await read(made)


async def reason(step: Deidentify, file: bytes) -> str:
    """Return why the step refuses an instance."""
    made = await step(of_dicom(WholeBody(file)))
    assert isinstance(made, Refused)
    assert Outlook.FINAL == made.outlook
    return made.reason
