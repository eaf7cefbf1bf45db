"""The public table in a folder of this machine is looked at and searched."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")

from adapters.pipeline.dataset.showing import CHANGED, DAMAGED, NO_REPORTS, NO_WORDS, rows_of
from adapters.tables.columns import Column
from gateway.contract.pipeline import PipelineError
from tests.adapters.pipeline.public_tables import ROWS, public_table


def test_all(tmp_path: Path) -> None:
    """Without words all rows, at most as many as asked for."""
    found = rows_of(public_table(tmp_path), "", 9)
    assert [tuple(row.values()) for row in ROWS] == [*found.rows]
    assert len(rows_of(tmp_path, "", 2).rows) == 2


def test_words(tmp_path: Path) -> None:
    """All words must be there, as whole words, in any case."""
    public_table(tmp_path)

    def reports(words: str) -> list[str]:
        found = rows_of(tmp_path, words, 9)
        return [row[found.names.index("report")] for row in found.rows]

    assert reports("NODULE small") == ["Small nodule"]
    assert reports("nod") == []


@pytest.mark.parametrize("words", ["'; --", " ".join(map(str, range(40)))])
def test_no_words(tmp_path: Path, words: str) -> None:
    """Without a word, or with too many, it says what to write."""
    with pytest.raises(PipelineError, match=NO_WORDS):
        rows_of(public_table(tmp_path), words, 9)


def test_no_reports(tmp_path: Path) -> None:
    """A table without reports can be looked at only."""
    public_table(tmp_path, [{"Modality": "CT"}], [Column("Modality")])
    assert [*rows_of(tmp_path, "", 9).rows] == [("CT",)]
    with pytest.raises(PipelineError, match=NO_REPORTS):
        rows_of(tmp_path, "nodule", 9)


def manifest_with(tmp_path: Path, segments: Sequence[str]) -> None:
    """Let the manifest name other files."""
    path = public_table(tmp_path) / "public_table" / "manifest.json"
    told = json.loads(path.read_bytes())
    told["segments"] = [[name, *told["segments"][0][1:]] for name in segments]
    path.write_text(json.dumps(told))


def test_elsewhere(tmp_path: Path) -> None:
    """A manifest that names a file elsewhere on this machine is not followed."""
    (tmp_path / "secret.parquet").write_bytes(b"x")
    manifest_with(tmp_path, ["../../secret.parquet"])
    with pytest.raises(PipelineError, match=DAMAGED):
        rows_of(tmp_path, "", 9)


def test_gone(tmp_path: Path) -> None:
    """A segment that is not there any more is told, and so is a manifest or a segment that cannot be read."""
    manifest_with(tmp_path, [f"{0:064x}.parquet"])
    with pytest.raises(PipelineError, match=CHANGED):
        rows_of(tmp_path, "", 9)
    (tmp_path / "public_table" / "segments" / f"{0:064x}.parquet").write_bytes(b"noise")
    with pytest.raises(PipelineError, match=DAMAGED):
        rows_of(tmp_path, "", 9)
    (tmp_path / "public_table" / "manifest.json").write_bytes(b"{")
    with pytest.raises(PipelineError, match=DAMAGED):
        rows_of(tmp_path, "", 9)
