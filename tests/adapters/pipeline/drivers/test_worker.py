"""A worker ends with its pipe."""

import multiprocessing
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.isolation.child import READY
from adapters.pipeline.drivers.worker import run_worker
from tests.adapters.pipeline import small


def test_end(tmp_path: Path) -> None:
    """It says that it is ready; when whoever has started it is gone, it ends without an error."""
    small.hospitals(tmp_path, images=1)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=run_worker, args=(there, small.work(tmp_path)), daemon=True)
    process.start()
    there.close()
    with here:
        assert here.poll(120)
        assert READY == here.recv()
    process.join(60)
    assert 0 == process.exitcode
    process.close()
