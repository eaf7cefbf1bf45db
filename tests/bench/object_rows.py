"""Instances in a bucket become a table: what that costs, beside pydicom and pandas."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom.uid import UID

from adapters.objects.folder import Folder
from adapters.tables.contract import Tables
from adapters.tables.dicom.reading import read_object
from adapters.tables.dicom.rows import SHAPE, About, Made, row_of
from adapters.tables.making import Rows
from adapters.tables.writing import Writers
from gateway.cli.importing.sources import HEAD, RangedSource
from tests.bench.measure import BenchError, Sample
from tests.bench.processes import BUILD
from tests.dicom_files import make_instance

PYTHON = BUILD.parent / "table-peers" / "bin" / "python"
SCRIPT = Path(__file__).parent / "table_peers" / "peer.py"
NOW = "2026-01-01T00:00:00Z"
AT_ONCE = 16
ROOT_UID = "1.2.826.0.1.3680043.8.498.17"


class Peer:
    """A peer that runs in an environment of its own: a line for a question, a line for the answer."""

    def __init__(self, name: str) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [str(PYTHON), str(SCRIPT), name], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )
        self._name = name
        self._answer()

    def ask(self, line: str) -> dict[str, float]:
        """Return the answer to one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"{self._name} has failed")
        found: dict[str, float] = json.loads(line)
        return found

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def peer(name: str) -> Iterator[Peer]:
    """Start a peer, and end it."""
    started = Peer(name)
    try:
        yield started
    finally:
        started.close()


class Counted(Folder):
    """A bucket that counts requests for parts of objects, and their octets."""

    requests = octets = 0

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return octets of the object."""
        found = await super().read(key, first, count)
        self.requests += 1
        self.octets += len(found)
        return found


def objects(folder: Path, count: int) -> Path:
    """Make instances of 0.5 MB."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    first = make_instance(folder, 0, "1.2.3", "1.2.4", rows=512, columns=512)
    data_set = pydicom.dcmread(first)
    for number in range(1, count):
        data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = UID(f"{ROOT_UID}.{number}")
        data_set.save_as(folder / f"{number}.dcm")
    return folder


def ours(folder: Path) -> Sample:
    """Return instances a second of processor time; each is read as an import into a table reads it."""
    tables = folder.with_name("objects-table")
    shutil.rmtree(tables, ignore_errors=True)
    bucket, begin = Counted(folder), time.process_time()
    made = asyncio.run(_made(bucket))
    with Writers(Tables(tables)) as writers:
        batch = [Rows("t", "dicom/nested", SHAPE, (each.row,), each.columns) for each in made]
        if any(writers.write(batch)):
            raise BenchError("a row is not written")
    passed = time.process_time() - begin
    shutil.rmtree(tables)
    return _sample(folder, {"CPU s": passed, "octets": bucket.octets, "requests": bucket.requests, "rows": len(made)})


async def _made(bucket: Counted) -> list[Made]:
    limit = asyncio.Semaphore(AT_ONCE)

    async def row(key: str, size: int) -> Made:
        async with limit:
            source = RangedSource(bucket, key, size)
            await source.read(0, HEAD)  # what shows that it is DICOM
            instance = await read_object(source.read, size)
            return row_of(instance.data_set, "nested", About(NOW, size=size))

    found = [(each.key, each.size) async for each in bucket.list("**")]
    return list(await asyncio.gather(*(row(*each) for each in found)))


def theirs(pandas: Peer, folder: Path) -> Sample:
    """Return the same of pydicom and pandas."""
    return _sample(folder, pandas.ask(str(folder)))


def _sample(folder: Path, found: dict[str, float]) -> Sample:
    rows, whole = found["rows"], sum(each.stat().st_size for each in folder.iterdir())
    per_thousand = 1000 / rows
    return Sample(
        rows / found["CPU s"],
        {
            "% read": 100 * found["octets"] / whole,
            "CPU s per 1,000": per_thousand * found["CPU s"],
            "MB read per 1,000": per_thousand * found["octets"] / 1e6,
            "requests per 1,000": per_thousand * found["requests"],
        },
    )
