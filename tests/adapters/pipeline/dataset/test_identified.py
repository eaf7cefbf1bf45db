"""Results become the tables of the identified side, each part once."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.contract import Dead, Made, Reference
from adapters.pipeline.dataset.identified import parts_of, write_identified
from adapters.pipeline.ledger import Known
from adapters.pipeline.planning import Planned
from adapters.pipeline.results import Results, State
from adapters.pipeline.stages.headers import headers
from adapters.tables.contract import Tables
from tests.adapters.pipeline import small

ROW = {"hospital": "north", "report_id": "r1", "row": 2, "line": 2, "text": "a text", "accession": "A1"}


def planned(number: int, stage: str, name: str, state: State | None, *, is_current: bool = True) -> Planned:
    """Return an object with one result."""
    what = "report" if stage == "reports" else "image"
    reference = Reference("north", f"key{number}", "v", 5)
    return Planned(Known(what, reference, number, is_current), {stage: (name, state)})  # type: ignore[arg-type]


def test_tables(tmp_path: Path) -> None:
    """Rows, reports with their history, and dead letters, also those of rows within a file that has others."""
    results, tables = Results(tmp_path / "work"), Tables(tmp_path / "tables")
    image = Reference("north", "a.dcm", "v", 5)
    results.write("headers", "aa" * 32, headers(image, small.instance(1, 1)))
    dead = [Dead(image, "reports", "Row 7 cannot be read")]
    results.write("reports", "bb" * 32, Made({"reports": [ROW]}, dead=dead))
    results.write("reports", "cc" * 32, Made({"reports": [{**ROW, "report_id": "r2"}]}))
    results.write("public", "dd" * 32, Made(dead=[Dead(image, "public", "it is held back")]))
    plan = [
        planned(1, "headers", "aa" * 32, "made"),
        planned(2, "reports", "bb" * 32, "made"),
        planned(3, "reports", "cc" * 32, "made", is_current=False),
        planned(4, "public", "dd" * 32, "dead"),
        planned(5, "headers", "ee" * 32, None),
    ]
    assert write_identified(tables, plan, results)
    assert not write_identified(tables, plan, results)
    assert [row[0] for row in small.rows(tables.folder, "dicom_metadata", "PatientID")] == ["MRN-7711"]
    assert small.rows(tables.folder, "reports", "report_id, is_current") == [("r1", True), ("r2", False)]
    assert small.rows(tables.folder, "dead_letters", "object, stage, reason") == [
        ("key2", "reports", "Row 7 cannot be read"),
        ("key4", "public", "it is held back"),
    ]


def test_names_of_parts() -> None:
    """A part has another name if a member has become dead, or is current no more; the order does not count."""
    one, two = planned(1, "reports", "aa" * 32, "made"), planned(2, "reports", "bb" * 32, "made")
    old = planned(2, "reports", "bb" * 32, "made", is_current=False)
    names = [[name for name, _ in parts_of(plan, "reports", ["made"])] for plan in ([one, two], [two, one], [one, old])]
    assert names[0] == names[1] != names[2]
    assert not list(parts_of([one], "headers", ["made"]))
