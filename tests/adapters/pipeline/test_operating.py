"""What operators do with a pipeline."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline import operating
from adapters.pipeline.operating import Operating, driver_of, open_pipeline
from gateway.contract.pipeline import Parts, PipelineError, Step
from gateway.process.loop import run_loop
from tests.adapters.pipeline import small


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operating:
    """Return the pipeline of two small hospitals, which works in this process."""
    monkeypatch.setattr(operating, "driver_of", lambda _: small.here)
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/noise.dcm", b"noise" * 99)
    work = small.work(tmp_path)
    return open_pipeline(Parts(work.settings, work.step, work.domains, work.open_bucket, "1"))


def ran(pipeline: Operating) -> Any:
    """Run once."""
    return run_loop(pipeline.run(lambda _: None, "local"))


def test_run(pipeline: Operating) -> None:
    """Its progress is told, and what it has done."""
    steps: list[Step] = []
    facts = run_loop(pipeline.run(steps.append, "local"))
    assert (facts.objects, facts.done, facts.dead, facts.has_written, facts.is_good) == (7, 7, 2, True, True)
    assert [each.done for each in steps] == [1, 2, 3, 4, 5, 6, 7]
    assert steps[-1] == Step(7, 7, 1)


def test_status_and_report(pipeline: Operating) -> None:
    """By hospital and stage, with the first reason; each dead letter; links and the gate by counts."""
    ran(pipeline)
    found = {(each.hospital, each.stage): each for each in pipeline.status()}
    assert found["north", "headers"].made == 2
    assert found["north", "headers"].dead == 1
    assert found["north", "headers"].first_reason
    assert found["south", "reports"].made == 1
    report = pipeline.report()
    assert [(each.hospital, each.object, each.stage) for each in report.letters] == [
        ("north", "dicom/noise.dcm", "headers"),
        ("north", "dicom/noise.dcm", "public"),
    ]
    assert report.linking["north"]["linked"] == 2
    assert report.gates["public"]["passed"] == 4


def test_retry(pipeline: Operating, tmp_path: Path) -> None:
    """Dead letters are tried again once, and the others are not."""
    ran(pipeline)
    assert ran(pipeline).done == 0
    assert pipeline.retry() == 2
    assert ran(pipeline).done == 1
    small.put(tmp_path, "north/dicom/noise.dcm", small.instance(1, 8))
    assert ran(pipeline).dead == 0
    assert pipeline.report().letters == []


def test_query_and_search(pipeline: Operating) -> None:
    """The public table is asked as it is on the public side, by SQL or by words."""
    ran(pipeline)
    answer = run_loop(pipeline.query("SELECT Modality, count(*) FROM public_table GROUP BY ALL", None))
    assert list(answer.rows) == [("CT", 4)]
    found = run_loop(pipeline.search("nodule small", None))
    assert [dict(zip(found.names, row, strict=True))["report"] for row in found.rows] == ["*** *** small nodule"]
    for sql in ("SELECT * FROM dicom_metadata", "DROP TABLE public_table", "SELECT * FROM '/etc/passwd'"):
        with pytest.raises(PipelineError):
            run_loop(pipeline.query(sql, None))
    with pytest.raises(PipelineError, match="has no word"):
        run_loop(pipeline.search("--", None))


def test_forget(pipeline: Operating, tmp_path: Path) -> None:
    """What is forgotten is gone from the public side when the command ends."""
    ran(pipeline)
    gone = run_loop(pipeline.forget("north", "MRN-7711"))
    assert (gone.images, gone.reports) == (1, 1)
    assert len(small.rows(tmp_path / "public" / "tables", "public_table")) == 3


def test_before_the_first_run(pipeline: Operating) -> None:
    """There is nothing yet, and the text says what to do."""
    with pytest.raises(PipelineError, match="has not run yet"):
        pipeline.status()
    with pytest.raises(PipelineError, match="there is no public table yet"):
        run_loop(pipeline.query("SELECT 1", None))
    assert pipeline.report().letters == []


def test_no_beam() -> None:
    """Without Apache Beam the text says which extra is missing."""
    if find_spec("apache_beam") is not None:
        pytest.skip("Apache Beam is installed")
    with pytest.raises(PipelineError, match=r"install hilum\[beam\]"):
        driver_of("beam")
    assert driver_of("local").__name__ == "LocalDriver"
