"""A unit goes through the step into the output; whatever is held back is not written."""

import errno
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.cli.deidentifying.output import locked
from gateway.cli.deidentifying.transforming import OTHER, Transforming, reason_of
from gateway.cli.deidentifying.units import Unit, units_of
from gateway.config.parts import StepsPart, load_part
from gateway.contract.body import Buffer
from gateway.contract.errors import GatewayError, StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from gateway.contract.step import Step
from gateway.flow.steps import open_steps
from tests.gateway.cli.deidentifying.support import SECRETS, configured, filled, outputs, patient


class Breaking:
    """A body that ends with an error."""

    length = None
    replayable = True

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield a piece, and raise."""
        yield b"Smith"
        raise self._error


@pytest.fixture
async def step(tmp_path: Path) -> AsyncIterator[Step]:
    """Open the step, and lock the output folder."""
    part = load_part(configured(tmp_path), StepsPart)
    with locked(tmp_path / "out"):
        async with open_steps({"anonymous": part.steps["anonymous"]}, domains=part.domains) as steps:
            yield steps["anonymous"]


def units(folder: Path) -> dict[str, Unit]:
    """Return the units by name."""
    return {each.name: each for each in units_of(folder, folder.parent / "out")}


async def test_all_formats(step: Step, tmp_path: Path) -> None:
    """Each file has its result, and what is written names nobody."""
    transform = Transforming("anonymous", step, tmp_path / "out", lambda name: f"{hash(name):x}"[-8:])
    found = {name: await transform(unit) for name, unit in units(filled(tmp_path)).items()}
    outcomes = {name: (each.outcome, each.format, each.done) for name, each in found.items()}
    assert outcomes == {
        "Smith^John/CT 4815162\n.dcm": ("written", "dicom", 1),
        "Smith^John/copy": ("same", "dicom", 1),
        "two.hl7": ("written", "hl7v2", 1),
        "Patient.ndjson": ("written", "fhir", 2),
        "one.json": ("written", "fhir", 1),
        "note.txt": ("held", "", 0),
    }
    assert list(found["two.hl7"].parts.values()) == [[2]]
    assert list(found["Patient.ndjson"].parts.values()) == [[3]]
    made = outputs(tmp_path / "out")
    assert sorted(made) == sorted({name for each in found.values() for name in each.outputs})
    for name, text in made.items():
        assert not any(secret in text + os.fsencode(name) for secret in SECRETS)
        assert text.endswith(b"\n") == name.endswith(".ndjson")


async def test_same_name(step: Step, tmp_path: Path) -> None:
    """A file that has changed since it was written does not replace what it made."""
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "a.json"
    transform = Transforming("anonymous", step, tmp_path / "out", lambda _: "digest")
    for number, outcome in ((1, "written"), (1, "same"), (2, "held")):
        path.write_bytes(patient(number))
        result = await transform(units(path.parent)["a.json"])
        assert (result.outcome, result.done) == (outcome, int(outcome != "held"))
    assert list(result.held) == [OTHER]


async def test_held_in_the_middle(step: Step, tmp_path: Path) -> None:
    """An instance of which a later frame is refused leaves no file."""

    async def refuse(message: Message) -> Message:
        return replace(message, body=Breaking(StepRefused(Refused("it cannot be cleaned"))))

    source = filled(tmp_path)
    result = await Transforming("anonymous", refuse, tmp_path / "out", lambda _: "digest")(
        units(source)["Smith^John/copy"]
    )
    assert result.outcome == "held"
    assert list(result.held) == ["step anonymous: it cannot be cleaned"]
    assert outputs(tmp_path / "out") == {}


@pytest.mark.parametrize("name", ["Smith^John/copy", "two.hl7"])
async def test_stopped(name: str, tmp_path: Path) -> None:
    """If the crosswalk fails, everything stops; the message is not counted as held back."""

    async def fail(message: Message) -> Message:
        raise GatewayError("the crosswalk file cannot be used now")

    with locked(tmp_path / "out"):
        unit = units(filled(tmp_path))[name]
        result = await Transforming("anonymous", fail, tmp_path / "out", lambda _: "digest")(unit)
    assert (result.outcome, result.held) == ("stopped", {})
    assert "cannot be used now" in result.problem


async def test_full_disk(step: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the output takes nothing, everything stops."""

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    unit = units(filled(tmp_path))["one.json"]
    result = await Transforming("anonymous", step, tmp_path / "out", lambda _: "digest")(unit)
    assert result.outcome == "stopped"
    assert "No space left on device" in result.problem
    assert outputs(tmp_path / "out") == {}


async def test_unreadable(step: Step, tmp_path: Path) -> None:
    """A file that is gone, or ends while it is read, fails alone."""
    unit = units(filled(tmp_path))["Smith^John/copy"]
    unit.path.unlink()
    result = await Transforming("anonymous", step, tmp_path / "out", lambda _: "digest")(unit)
    assert (result.outcome, result.problem) == ("failed", "it cannot be read: No such file or directory")


def test_reasons() -> None:
    """The reason in a report is the short one."""
    whole = Refused("step anonymous: The message cannot be de-identified, so it is held back: its image may show text")
    assert reason_of(whole) == "its image may show text"


async def test_internal_error(tmp_path: Path) -> None:
    """An error that nobody has foreseen fails the unit, and is not quoted."""

    async def fail(message: Message) -> Message:
        raise RuntimeError("Smith 4815162")

    with locked(tmp_path / "out"):
        unit = units(filled(tmp_path))["one.json"]
        result = await Transforming("anonymous", fail, tmp_path / "out", lambda _: "digest")(unit)
    assert (result.outcome, result.problem) == ("failed", "an internal error")
    assert outputs(tmp_path / "out") == {}
