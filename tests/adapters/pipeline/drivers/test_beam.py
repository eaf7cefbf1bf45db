"""Beam makes the same results as the processes of one machine, and nothing but the driver imports it."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("apache_beam", reason="the extra beam is not installed")

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing import test_pipeline
from apache_beam.testing.util import assert_that

from adapters.pipeline.contract import Reference
from adapters.pipeline.drivers.beam import DEAD, LATER, MADE, MOST_OF_ELEMENT, BeamDriver, encoded, stages
from adapters.pipeline.drivers.local import LocalDriver
from adapters.pipeline.planning import plan_of, tasks
from adapters.pipeline.running import Summary, begun, look, run
from adapters.pipeline.work import Task, Work
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from gateway.process.loop import run_loop
from tests.adapters.pipeline import small
from tests.adapters.pipeline.drivers.test_process import WANTED
from tests.adapters.pipeline.hostile import dead_letters, hostile

TABLES = ("dicom_metadata", "reports", "final_table", "prod", "dead_letters")
RUNNERS: dict[str, Any] = {
    "TestPipeline": test_pipeline.TestPipeline,
    "DirectRunner": partial(beam.Pipeline, options=PipelineOptions(["--runner=DirectRunner"])),
    "BundleBasedDirectRunner": partial(beam.Pipeline, options=PipelineOptions(["--runner=BundleBasedDirectRunner"])),
}


def state_of(work: Work, root: Path) -> dict[str, Any]:
    """Return the rows of all tables, and the octets of the thumbnails."""
    found: dict[str, Any] = {}
    public = root / work.settings.public.tables.partition(":")[0] / "tables"
    for folder, names in ((work.settings.tables, TABLES), (public, ("public_table",))):
        engine = Engine({"main": Tables(folder)})
        try:
            found |= {name: sorted(map(repr, engine.query(f"SELECT * FROM {name}").rows)) for name in names}
        finally:
            engine.close()
    return found


@pytest.mark.parametrize("runner", RUNNERS)
async def test_the_same_rows(tmp_path: Path, runner: str) -> None:
    """All tables have the same rows as with the local driver, dead letters among them; nothing temporary is left."""
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/noise.dcm", b"noise" * 100)
    local = small.work(tmp_path, tables=tmp_path / "local")
    await run(local, LocalDriver, "1")
    wanted = state_of(local, tmp_path)
    other = small.work(tmp_path, tables=tmp_path / "beam")
    summary = await run(other, lambda work: BeamDriver(work, RUNNERS[runner]), "1")
    assert summary.is_good
    assert state_of(other, tmp_path) == wanted
    assert set(small.files(tmp_path / "beam")) == set(small.files(tmp_path / "local"))
    assert not [each for each in tmp_path.rglob("*") if "beam-temp" in each.name or "unfinished/" in str(each)]


async def test_crash_and_hang(tmp_path: Path) -> None:
    """A process that crashes or hangs costs a dead letter, as with the local driver, and Beam's worker lives on."""
    work = hostile(tmp_path, object_seconds=5)
    summary = await run(work, BeamDriver, "1")
    assert summary.is_good
    assert summary.done == 8
    assert dead_letters(work) == WANTED
    assert (await run(work, BeamDriver, "1")).done == 0, "what is given up is not tried at each run"


async def elements_of(work: Work) -> list[bytes]:
    """Return the tasks that are to be done, as Beam gets them."""
    async with begun(work) as ledger:
        await look(work, ledger, Summary())
        return [encoded(each) for each in tasks(plan_of(work, ledger, "1"))]


def test_outputs(tmp_path: Path) -> None:
    """What became of each task goes to its own output, in elements of less than 64 kB."""
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/noise.dcm", b"noise" * 100)
    gone = small.put(tmp_path, "north/dicom/gone.dcm", b"soon gone")
    work = small.work(tmp_path)
    elements = run_loop(elements_of(work))
    gone.unlink()
    assert max(map(len, elements)) < 4096
    with test_pipeline.TestPipeline() as pipeline:
        found = stages(pipeline | beam.Create(elements), work)
        for tag, count in ((MADE, 6), (DEAD, 1), (LATER, 1)):
            assert_that(found[tag], partial(_are, count), label=tag)


def _are(count: int, found: list[bytes]) -> None:
    assert len(found) == count
    assert all(len(each) < MOST_OF_ELEMENT for each in found)


def test_a_name_that_is_too_long() -> None:
    """An element is never larger than Beam's limit."""
    with pytest.raises(ValueError, match="more than 64 kB"):
        encoded(Task("image", Reference("north", "k" * MOST_OF_ELEMENT, "v", 1), {}))


def test_nothing_else_imports_beam() -> None:
    """The core, and the pipeline with its other driver, do without it."""
    code = (
        "import sys, gateway.app, gateway.kinds, adapters.pipeline.operating;"
        " print(sorted(each for each in sys.modules if each.startswith('apache_beam')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
