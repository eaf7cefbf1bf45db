"""Dead letters are listed, and counted by the kind of their reason."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.dataset.assembling import Part, assemble
from adapters.pipeline.dataset.identified import DEAD, DEAD_SHAPE
from adapters.pipeline.dataset.letters import CONTENT, DEIDENTIFICATION, counted, kind_of, letters
from adapters.pipeline.drivers.process import ENDED, HUNG
from adapters.pipeline.stages.forgotten import FORGOTTEN
from adapters.pipeline.work import INTERNAL_ERROR, NOT_UNZIPPED, TOO_LARGE
from adapters.tables.contract import Tables
from adapters.tables.engine import QueryRefusedError
from gateway.contract.pipeline import LetterCount
from tests.adapters.pipeline import small


def test_kinds() -> None:
    """Each fixed reason has its kind; the others are of the step, or of the content."""
    fixed = (TOO_LARGE, NOT_UNZIPPED, ENDED, HUNG, FORGOTTEN, INTERNAL_ERROR)
    assert [kind_of(each) for each in fixed] == ["size", "gzip", "crash", "time", "forgotten", "internal_error"]
    assert kind_of("it cannot be de-identified: burned-in text") == DEIDENTIFICATION
    assert kind_of("Row 7 (line 9) cannot be read: it has another number of fields") == CONTENT


def test_before_a_run(tmp_path: Path) -> None:
    """Without the table there are none."""
    assert letters(Tables(tmp_path)) == []
    assert counted(Tables(tmp_path)) == []


def test_counted(tmp_path: Path) -> None:
    """Of a damaged image there is a letter of each stage, and of a broken row of a report one."""
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/damaged.dcm", b"noise" * 99)
    small.put(tmp_path, "north/reports/2.csv", b"ACC_NO,REPORT_DATE,REPORT\r\nACC771,2020-03-16,clear\r\n1,2,3,4,5\r\n")
    work = small.work(tmp_path)
    small.once(work)
    tables = Tables(work.settings.tables)
    found = counted(tables)
    assert LetterCount("reports", CONTENT, 1) in found
    assert {each.stage for each in found} == {"headers", "public", "reports"}
    assert sum(each.letters for each in found) == len(letters(tables)) == 3


def test_damaged(tmp_path: Path) -> None:
    """A damaged table is told to who asks for the letters, and stops no run."""
    row = {"hospital": "north", "object": "a", "version": "1", "stage": "headers", "reason": TOO_LARGE}
    tables = Tables(tmp_path)
    assemble(tables, DEAD, DEAD_SHAPE, [Part("ab" * 32, lambda: [row])])
    assert counted(tables) == [LetterCount("headers", "size", 1)]
    for each in tmp_path.rglob("*.parquet"):
        each.write_bytes(b"noise")
    assert counted(tables) == []
    with pytest.raises(QueryRefusedError):
        letters(tables)
