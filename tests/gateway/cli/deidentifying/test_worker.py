"""A worker does what comes through its pipe, and ends with it."""

import multiprocessing
from pathlib import Path

import pytest

from gateway.cli.deidentifying.output import locked
from gateway.cli.deidentifying.units import units_of
from gateway.cli.deidentifying.worker import Work, release_of, run_worker
from gateway.config.parts import StepsPart, load_part
from gateway.contract.errors import ConfigError
from tests.gateway.cli.deidentifying.support import configured, patient


def work(folder: Path, step: str = "anonymous") -> Work:
    """Return what a worker is told."""
    part = load_part(configured(folder), StepsPart)
    return Work(step, part.steps[step], part.domains, folder / "out")


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers each unit, and ends when there is nobody any more."""
    monkeypatch.setattr("signal.signal", lambda *_: None)
    (tmp_path / "a.json").write_bytes(patient(1))
    here, there = multiprocessing.Pipe()
    (unit,) = units_of(tmp_path / "a.json", tmp_path / "out")
    here.send(unit)
    here.send(None)
    with locked(tmp_path / "out"):
        run_worker(there, work(tmp_path))
    assert here.recv().outcome == "written"
    here.close()
    run_worker(there, work(tmp_path))
    there.close()


def test_key_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the key is gone when the worker starts, everything stops, with the reason."""
    monkeypatch.setattr("signal.signal", lambda *_: None)
    told = work(tmp_path)
    (tmp_path / "key").unlink()
    here, there = multiprocessing.Pipe()
    run_worker(there, told)
    result = here.recv()
    assert result.outcome == "stopped"
    assert "key_file" in result.problem
    here.close()
    there.close()


def test_release(tmp_path: Path) -> None:
    """What the report says comes from the step; a step of another kind is a mistake."""
    assert release_of(work(tmp_path)).pseudonyms == "keyed"
    with pytest.raises(ConfigError, match="no step that de-identifies"):
        release_of(work(tmp_path, "other"))
    told = work(tmp_path)
    (tmp_path / "key").unlink()
    with pytest.raises(ConfigError, match=r"^steps\.anonymous\.key_file"):
        release_of(told)
