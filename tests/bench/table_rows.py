"""Row 17: tables: rows made of instances, against pydicom; a million rows are asked, also while others are written."""

import logging
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pydicom

from adapters.tables.contract import Tables
from adapters.tables.dicom.reading import read_file
from adapters.tables.dicom.rows import About, row_of
from adapters.tables.encoder import ENCODER
from adapters.tables.operating import open_tables
from tests.bench import object_rows
from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.million_rows import BATCH, GROUPS, PATIENT, RATE, asked, beside_a_writer, filled, written
from tests.bench.object_rows import PYTHON, Peer, peer
from tests.bench.processes import BUILD
from tests.bench.setup import Setup
from tests.dicom_files import make_instance, shipped

ROW = 17
PEER, PANDAS, IDC = "pydicom, dcmread and to_json", "pydicom and pandas", "idc-index, sql_query"
MISSING = "not installed: make table-peers"
SECONDS = 2.0
MILLION, OBJECTS = 1_000_000, 400
SERIES = (
    "SELECT Modality, count(*) AS series, count(DISTINCT PatientID) AS patients FROM index"
    " GROUP BY Modality ORDER BY series DESC"
)
"""A question to IDC's index, in the words that both understand."""


def ours(path: Path) -> int:
    """Return how many octets of a file were read to make its row."""
    instance = read_file(path)
    ENCODER.encode(row_of(instance.data_set, "nested", About("2026-01-01T00:00:00Z")).row)
    return sum(each.count for each in instance.spans)


def theirs(path: Path) -> int:
    """Do what comes nearest with pydicom."""
    pydicom.dcmread(path, stop_before_pixels=True).to_json()
    return path.stat().st_size


def rate(make: Callable[[Path], int], path: Path, seconds: float) -> Sample:
    """Return rows a second of processor time, and which part of the file was read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make(path)  # what is learnt of the dictionary at the first time
        count, begin = 0, time.process_time()
        while (passed := time.process_time() - begin) < seconds:
            read = make(path)
            count += 1
    return Sample(
        count / passed, {"% read": 100 * read / path.stat().st_size, "CPU s per 1,000": 1000 * passed / count}
    )


def idc_index() -> Path | None:
    """Return the index of the Imaging Data Commons, where the peer has brought it."""
    return next(PYTHON.parent.parent.glob("lib/python*/site-packages/idc_index_data/idc_index.parquet"), None)


def loaded(folder: Path, index: Path) -> Sample:
    """Return processor seconds that a million rows of the index take to become a table, and octets of each."""
    shutil.rmtree(folder, ignore_errors=True)
    begin = time.process_time()
    rows = open_tables({"main": folder}).load("index", [index])
    passed = time.process_time() - begin
    size = sum(each.bytes for each in Tables(folder).manifest("index").segments)
    return Sample(1e6 * passed / rows, {"octets a row": size / rows, "rows": rows})


def asks(client: Peer) -> Sample:
    """Return the milliseconds that the client of the index takes, which has it in memory."""
    found = client.ask(SERIES)
    return Sample(found["ms"], {"CPU ms": found["CPU ms"], "peak MB": found["peak MB"]})


def of_instances(setup: Setup, stack: ExitStack) -> Iterator[Case]:
    """Yield the cases of rows that are made of instances."""
    half_a_megabyte = make_instance(setup.files, 9017, "1.2.3", "1.2.4", rows=512, columns=512)
    seconds = SECONDS * setup.scale
    for name, path, more in (
        ("header of a CT of 256 elements", shipped("CT_small.dcm"), []),
        ("instance of 0.5 MB", half_a_megabyte, [Goal("% read", at_most=15)]),
    ):
        contenders = {HILUM: partial(rate, ours, path, seconds), PEER: partial(rate, theirs, path, seconds)}
        yield Case(ROW, name, "rows a second a core", contenders, [Goal(PEER, at_least=2.5), *more])
    if find_spec("duckdb") is None:
        return
    count = setup.count(OBJECTS, least=8)
    folder = object_rows.objects(BUILD / "objects", count)
    both: dict[str, Callable[[], Sample]] = {HILUM: partial(object_rows.ours, folder)}
    if PYTHON.exists():
        both[PANDAS] = partial(object_rows.theirs, stack.enter_context(peer("pydicom")), folder)
    yield Case(
        ROW,
        f"{count} objects of 0.5 MB in a bucket become a table",
        "instances a second a core",
        both,
        [Goal("% read", at_most=15)],
        skipped={} if PYTHON.exists() else {PANDAS: MISSING},
    )


def of_a_million(setup: Setup) -> Iterator[Case]:
    """Yield the cases of large tables."""
    rows = setup.count(MILLION)
    large = filled(BUILD / "tables", rows)
    made: dict[str, tuple[str, Callable[[], Sample], list[Goal]]] = {
        "rows written": (
            "rows a second a core",
            partial(written, BUILD / "written", setup.count(200_000, least=BATCH)),
            [Goal("value", at_least=RATE)],
        ),
        f"{rows:,} rows, by patient": ("ms", partial(asked, large, PATIENT), [Goal("value", at_most=100)]),
        f"{rows:,} rows, GROUP BY": ("ms", partial(asked, large, GROUPS), [Goal("value", at_most=300)]),
    }
    for what, of_a_file in (("a writer of rows that were made here", False), ("a load of Parquet files", True)):
        made[f"queries beside {what}, 99 of 100"] = (
            "ms",
            partial(beside_a_writer, large, 4 * SECONDS * setup.scale, of_a_file=of_a_file),
            [Goal("value", at_most=500), Goal("rows/s", at_least=RATE)],
        )
    missing = {} if idc_index() is not None else {IDC: MISSING}
    for name, (unit, measure, goals) in made.items():
        yield Case(ROW, name, unit, {HILUM: measure}, goals, skipped=missing if "GROUP BY" in name else {})


def of_the_index(stack: ExitStack) -> Iterator[Case]:
    """Yield the cases of IDC's index, a million series of public collections; both have it when they are asked."""
    index = idc_index()
    if index is None:
        return
    folder = BUILD / "idc"
    yield Case(ROW, "IDC's index becomes a table", "CPU s a million rows", {HILUM: partial(loaded, folder, index)})
    loaded(folder, index)
    contenders = {HILUM: partial(asked, Tables(folder), SERIES), IDC: partial(asks, stack.enter_context(peer("idc")))}
    yield Case(ROW, "IDC's index, GROUP BY", "ms", contenders, [Goal(IDC, at_most=1 / 20)])


@contextmanager
def tables(setup: Setup) -> Iterator[Sequence[Case]]:
    """Yield the cases of this row; those of tables need the extra ``tables``."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        cases = list(of_instances(setup, stack))
        if find_spec("duckdb") is not None:
            cases += [*of_a_million(setup), *of_the_index(stack)]
        yield cases
    for name in ("tables", "written", "objects", "idc"):
        shutil.rmtree(BUILD / name, ignore_errors=True)
    (BUILD / "objects.parquet").unlink(missing_ok=True)
