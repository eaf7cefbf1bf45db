"""kill -9 at random points: the next run ends with the rows and files of an undisturbed one, and nothing else."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from tests.adapters.pipeline import small

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
KILLS = int(os.environ.get("HILUM_KILLS", "12"))
SEED = int(os.environ.get("HILUM_SEED", "25"))
TABLES = ("dicom_metadata", "reports", "final_table", "prod", "dead_letters")
CONFIG = """
data_dir: {root}/data
domains: {{hospital: {{}}}}
steps:
  anonymous: {{kind: deidentify, key_file: {key}, default_domain: hospital, hl7v2: {{text: known_identifiers}}}}
buckets:
  north: {{kind: folder, url: {buckets}/north}}
  south: {{kind: folder, url: {buckets}/south}}
  public: {{kind: folder, url: {root}/public}}
  thumbs: {{kind: folder, url: {root}/thumbs}}
pipeline:
  hospitals:
    north:
      images: "north:dicom/**.dcm"
      reports: "north:reports/*.csv"
      columns: {{accession: ACC_NO, date: REPORT_DATE, text: REPORT}}
    south:
      images: "south:**.dcm"
      reports: "south:csv/*"
      columns: {{accession: Accession, text: Findings}}
      encoding: cp1252
  via: anonymous
  tables: {root}/identified/tables
  public: {{tables: "public:tables/", thumbnails: "thumbs:", columns: [Modality, BodyPartExamined, report]}}
  gate: {{k_anonymity: 1, second_look: false}}
  processes: 2
"""


def configuration(root: Path, buckets: Path) -> Path:
    """Write a configuration whose own folders are below *root*."""
    root.mkdir()
    (buckets / "key").write_text("ab" * 32)
    path = root / "hilum.yaml"
    path.write_text(CONFIG.format(root=root, buckets=buckets, key=buckets / "key"))
    return path


def started(config: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Start a run, in a process group of its own."""
    command = [sys.executable, "-m", "gateway", "pipeline", str(config), "run", *options]
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=nothing, stderr=nothing, start_new_session=True)


def state_of(root: Path) -> dict[str, Any]:
    """Return the rows of all tables, and the octets of the thumbnails."""
    found: dict[str, Any] = {}
    for folder, names in ((root / "identified" / "tables", TABLES), (root / "public" / "tables", ("public_table",))):
        engine = Engine({"main": Tables(folder)})
        try:
            found |= {name: sorted(map(repr, engine.query(f"SELECT * FROM {name}").rows)) for name in names}
        finally:
            engine.close()
    found["thumbs"] = {each.name: each.read_bytes() for each in (root / "thumbs").rglob("*.webp")}
    return found


def names_of(root: Path) -> set[str]:
    """Return the names of all files and folders."""
    return set(small.files(root))


@pytest.mark.parametrize("way", ["whole", "workers", "beam"])
def test_kills(tmp_path: Path, way: str) -> None:
    """Each run, or only its workers, is killed at another moment; in the end everything is as if none had been."""
    options = ["--driver", "beam"] if way == "beam" else []
    at_workers_only = way == "workers"
    if options:
        pytest.importorskip("apache_beam", reason="the extra beam is not installed")
    small.hospitals(tmp_path, images=3)
    quiet = configuration(tmp_path / "quiet", tmp_path)
    assert started(quiet).wait(300) == 0
    disturbed = configuration(tmp_path / "disturbed", tmp_path)
    chance, longest = Random(SEED), 12.0 if options else 6.0
    for number in range(KILLS if not at_workers_only else max(3, KILLS // 10)):
        process = started(disturbed, *options)
        try:
            process.wait(chance.uniform(0.3, longest))
            if number % 3 == 2:  # it ended before it was killed: change what it has to do
                (tmp_path / "disturbed" / "identified" / "tables" / "work").rename(tmp_path / f"gone{number}")
        except subprocess.TimeoutExpired:
            if at_workers_only:
                kill_children(process.pid)
                process.wait(300)
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait(300)
    assert started(disturbed, *options).wait(300) == 0
    assert state_of(tmp_path / "disturbed") == state_of(tmp_path / "quiet")
    assert names_of(tmp_path / "disturbed") == names_of(tmp_path / "quiet")


def kill_children(pid: int) -> None:
    """Kill the processes that a run has started, and not the run itself."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            os.kill(int(child), signal.SIGKILL)
        except ProcessLookupError:
            continue
