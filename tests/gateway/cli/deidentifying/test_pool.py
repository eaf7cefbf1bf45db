"""The pool gives every unit to a process once, and outlives a process that ends."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from gateway.cli.deidentifying.output import locked
from gateway.cli.deidentifying.pool import DIED, Pool
from gateway.cli.deidentifying.units import units_of
from tests.gateway.cli.deidentifying.support import patient
from tests.gateway.cli.deidentifying.test_worker import work

pytestmark = pytest.mark.slow  # it starts processes


def test_all(tmp_path: Path) -> None:
    """Each unit has one result, and no process is left."""
    source = tmp_path / "in"
    source.mkdir()
    for number in range(12):
        (source / f"{number}.json").write_bytes(patient(number))
    with locked(tmp_path / "out"), Pool(work(tmp_path), 2) as pool:
        found = [each for each in pool.run(units_of(source, tmp_path / "out")) if each is not None]
    assert sorted(unit.number for unit, _ in found) == list(range(1, 13))
    assert {result.outcome for _, result in found} == {"written"}
    assert multiprocessing.active_children() == []


def test_killed(tmp_path: Path) -> None:
    """The unit of a process that is killed fails, and another process does the others."""
    source = tmp_path / "in"
    source.mkdir()
    for number in range(3):
        (source / f"{number}.json").write_bytes(patient(number))
    with locked(tmp_path / "out"), Pool(work(tmp_path), 1) as pool:
        (process,) = multiprocessing.active_children()
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        found = [each for each in pool.run(units_of(source, tmp_path / "out")) if each is not None]
    assert [result.problem for _, result in found] == [DIED, "", ""]
