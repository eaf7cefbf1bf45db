"""A second run, by the real command: it writes nothing, and takes a small part of the processor time of the first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from tests.adapters.pipeline import small
from tests.pipeline.test_kills import configuration

IMAGES = 200
MOST = 0.1
"""Of the first run's time. Neither counts what a run over empty buckets takes, which is mostly the start of Python."""


def seconds(*words: str) -> float:
    """Run a command of Hilum; return the processor time that it and its processes took."""
    before = os.times()
    subprocess.run([sys.executable, "-m", "gateway", *words], check=True, timeout=600, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_second_run(tmp_path: Path) -> None:
    """No file changes, not even its time, and the time is that of listing and of nothing else."""
    for each in ("north/dicom", "north/reports", "south/csv"):
        (tmp_path / "empty" / each).mkdir(parents=True)
    empty = str(configuration(tmp_path / "nothing", tmp_path / "empty"))
    start = min(seconds("pipeline", empty, "run") for _ in range(3))
    small.hospitals(tmp_path, studies=5, images=IMAGES // 10)
    config = str(configuration(tmp_path / "run", tmp_path))
    first = seconds("pipeline", config, "run") - start
    before = small.files(tmp_path)
    assert len([each for each in before if each.endswith(".dcm")]) == IMAGES
    second = min(seconds("pipeline", config, "run") for _ in range(3)) - start
    assert small.files(tmp_path) == before
    print(f"start {start:.2f} s, first {first:.2f} s, second {second:.2f} s: {second / first:.1%}")  # noqa: T201
    assert second < MOST * first
