"""Tables of a million rows: asked, written, asked while they are written. They have 59 columns.

Texts, numbers and lists have a few thousand values.
"""

import shutil
import time
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median, quantiles

from adapters.tables.columns import Column, text
from adapters.tables.compaction import compact, needs_compaction
from adapters.tables.contract import Tables
from adapters.tables.dicom.rows import SHAPE
from adapters.tables.engine import Engine
from adapters.tables.manifest import Shape
from tests.bench.measure import Sample

RATE = 50_000
BATCH = 5_000
AT_ONCE = 20_000
TEXTS, NUMBERS, LISTS = 25, 15, 5
PATIENT = "SELECT SOPInstanceUID, Modality, StudyDate FROM m WHERE PatientID = 'P17'"
GROUPS = "SELECT Modality, count(*), count(DISTINCT PatientID) FROM m GROUP BY Modality"
LOADED = (
    "SELECT * REPLACE ({prefix} || SOPInstanceUID AS SOPInstanceUID, now() AS LastUpdated) FROM read_parquet({file})"
)
"""A query for the rows of a file, as instances that are not there yet."""
ELSEWHERE = 10**8
"""The number of a row of patients that nobody asks for."""
TIMES = 9


def columns() -> tuple[Column, ...]:
    """Return the columns of the large table."""
    own = [Column("PatientID"), Column("Modality"), Column("StudyDate", "DATE")]
    own += [Column(f"Text{each}") for each in range(TEXTS)]
    own += [Column(f"Number{each}", "INTEGER") for each in range(NUMBERS)]
    return (*SHAPE.columns, *own, *(Column(f"List{each}", "STRING", "REPEATED") for each in range(LISTS)))


def filling(first: int, end: int) -> str:
    """Return a query for these rows: 1,000 instances of each patient."""
    texts = [f"'text ' || (i * {each + 7}) % 4001 AS Text{each}" for each in range(TEXTS)]
    numbers = [f"(i * {each + 3}) % 4096 AS Number{each}" for each in range(NUMBERS)]
    lists = [f"[((i + {each}) % 997)::VARCHAR, '0.5'] AS List{each}" for each in range(LISTS)]
    return (
        "SELECT '1.2.3.' || (i // 500) AS StudyInstanceUID, '1.2.4.' || (i // 100) AS SeriesInstanceUID,"
        " '1.2.5.' || i AS SOPInstanceUID, NULL::VARCHAR AS SourceDicomStore, NULL::JSON AS Metadata,"
        " 2000::BIGINT AS StructuredStorageSize, []::VARCHAR[] AS DroppedTags, 'STANDARD' AS StorageClass,"
        " TIMESTAMPTZ '2026-01-01T00:00:00Z' AS LastUpdated, 500000::BIGINT AS BlobStorageSize, 'INSERT' AS Type,"
        " 'P' || (i // 1000) AS PatientID, ['CT', 'MR', 'US', 'CR'][1 + (i // 100) % 4] AS Modality,"
        f" DATE '2020-01-01' + CAST(i // 500 % 2000 AS INTEGER) AS StudyDate, {', '.join([*texts, *numbers, *lists])}"
        f" FROM range({first}, {end}) numbers(i)"
    )


def filled(folder: Path, rows: int) -> Tables:
    """Make the large table."""
    shutil.rmtree(folder, ignore_errors=True)
    tables = Tables(folder)
    tables.create("m", Shape(columns(), SHAPE.key, SHAPE.latest_by, SHAPE.change))
    with tables.writer("m") as table:
        for first in range(0, rows, 100_000):
            table.append_query(filling(first, min(rows, first + 100_000)))
        compact(table, whole=True)
    return tables


def asked(tables: Tables, sql: str) -> Sample:
    """Return the median of milliseconds that a query takes, of its processor time, and of what it reads."""
    engine, walls, works, octets = Engine({"main": tables}), [], [], []
    for _ in range(TIMES):
        wall, work, before = time.perf_counter(), time.process_time(), _read_so_far()
        engine.query(sql)
        walls.append(1000 * (time.perf_counter() - wall))
        works.append(1000 * (time.process_time() - work))
        octets.append((_read_so_far() - before) / 1e6)
    engine.close()
    return Sample(median(walls[1:]), {"CPU ms": median(works[1:]), "MB read": median(octets[1:])})


def _read_so_far() -> int:
    """Return the octets that this process has read from files, those in the page cache among them."""
    return int(Path("/proc/self/io").read_text().split()[1])


def beside_a_writer(tables: Tables, seconds: float, *, of_a_file: bool = False) -> Sample:
    """Return the 99th percentile of milliseconds of queries while another process writes; and its rows a second.

    It writes rows as the gateway makes them, or with *of_a_file* rows of a Parquet file, as a load job has them.
    """
    context = get_context("spawn")
    begun, stop, wrote = context.Event(), context.Event(), context.Value("d", 0.0)
    writer = context.Process(target=_write, args=(tables.folder, begun, stop, wrote, of_a_file))
    writer.start()
    begun.wait()
    engine, end = Engine({"main": tables}), time.perf_counter() + seconds
    walls: list[float] = []
    while time.perf_counter() < end or len(walls) < 2:
        begin = time.perf_counter()
        engine.query(PATIENT if len(walls) % 2 else GROUPS)
        walls.append(1000 * (time.perf_counter() - begin))
    stop.set()
    writer.join()
    engine.close()
    return Sample(quantiles(walls, n=100)[98], {"rows/s": wrote.value, "queries": float(len(walls))})


def written(folder: Path, rows: int) -> Sample:
    """Return rows a second of processor time, with compaction, and octets of each on the disk."""
    shutil.rmtree(folder, ignore_errors=True)
    tables = Tables(folder)
    tables.create("m", Shape(columns(), SHAPE.key, SHAPE.latest_by, SHAPE.change))
    batch, begin = [row() for _ in range(BATCH)], time.process_time()
    with tables.writer("m") as table:
        for first in range(0, rows, BATCH):
            table.append(numbered(batch, f"1.9.{first}"))
            if needs_compaction(table):
                compact(table)
    passed = time.process_time() - begin
    size = sum(each.bytes for each in tables.manifest("m").segments)
    return Sample(rows / passed, {"CPU s a million": 1e6 * passed / rows, "octets a row": size / rows})


def row() -> dict[str, object]:
    """Return a row that is written, without its UID."""
    fields = {f"Text{each}": f"text {each}" for each in range(TEXTS)} | {
        f"Number{each}": each for each in range(NUMBERS)
    }
    lists = {f"List{each}": ["0.5", "0.5"] for each in range(LISTS)}
    return {
        "StudyInstanceUID": "1.9",
        "SeriesInstanceUID": "1.8",
        "LastUpdated": "2026-01-02T00:00:00Z",
        **fields,
        **lists,
    }


def numbered(batch: list[dict[str, object]], prefix: str) -> list[dict[str, object]]:
    """Return the same rows as other instances: what is measured is how they are written, not how they are made."""
    for number, each in enumerate(batch):
        each["SOPInstanceUID"] = f"{prefix}.{number}"
    return batch


def _write(folder: Path, begun: Event, stop: Event, wrote: "Synchronized[float]", of_a_file: bool) -> None:
    batch = [row() for _ in range(AT_ONCE)]
    with Tables(folder).writer("m") as table:
        file = text(str(folder / "to-load.parquet"))
        if of_a_file:
            table.connection.execute(f"COPY ({filling(ELSEWHERE, ELSEWHERE + AT_ONCE)}) TO {file}")
        begun.set()
        begin, count = time.perf_counter(), 0
        while not stop.is_set():
            prefix = f"1.9.{begin}.{count}"
            if of_a_file:
                table.append_query(LOADED.format(prefix=text(f"{prefix}."), file=file))
            else:
                table.append(numbered(batch, prefix))
            count += AT_ONCE
            if needs_compaction(table):
                compact(table)
            stop.wait(max(0.0, count / RATE - (time.perf_counter() - begin)))
        wrote.value = count / (time.perf_counter() - begin)
