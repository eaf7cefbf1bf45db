"""What was held back by an internal error is tried again when somebody asks for it, and comes through then."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.dataset import gating
from adapters.pipeline.operating import Operating
from adapters.pipeline.stages import texts
from adapters.pipeline.work import Work
from gateway.contract.pipeline import Parts
from tests.adapters.pipeline import small
from tests.adapters.pipeline.published import published


def fail(*_: object) -> None:
    """Fail as memory does."""
    raise MemoryError("Zabriskie")


def retry(work: Work) -> int:
    """Do what the command does."""
    return Operating(Parts(work.settings, work.step, work.domains, work.open_bucket, "1")).retry()


@pytest.mark.parametrize(("where", "what"), [(texts, "clean_text"), (gating, "_looks")])
def test_an_internal_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: object, what: str) -> None:
    """Nothing that was not checked is public, before a run after `retry` has checked it."""
    small.hospitals(tmp_path, studies=1, images=1)
    work = small.work(tmp_path, gate={"k_anonymity": 1, "second_look": True})
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra ocr is not installed")
    monkeypatch.setattr(where, what, fail if where is texts else lambda _: fail)
    small.once(work)
    monkeypatch.undo()
    assert not [row for row in published(tmp_path).rows if row["report"]]
    small.once(work)
    assert not [row for row in published(tmp_path).rows if row["report"]], "nothing is tried again unasked"
    before = published(tmp_path).files
    assert retry(work) == 0
    assert published(tmp_path).files == before, "the public side stays until the next run"
    small.once(work)
    assert len([row for row in published(tmp_path).rows if row["report"]]) == 2
    assert published(tmp_path).leaks() == []
