"""The tables behind the gate: named by what is in them, made once."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.dataset import finishing
from adapters.pipeline.dataset.finishing import parts_of_rows
from adapters.pipeline.gate.strings import ManyStrings
from gateway.contract.errors import ConfigError
from tests.adapters.pipeline import small


def test_parts_of_rows() -> None:
    """The name of a part says nothing but its rows: neither where they come from nor in which order."""
    rows = [{"a": 1}, {"a": 2}, {"a": 2}]
    (part,) = parts_of_rows(rows)
    (turned,) = parts_of_rows(rows[::-1])
    assert part.name == turned.name
    assert part.rows() == turned.rows()
    assert sorted(map(repr, part.rows())) == sorted(map(repr, rows))
    assert [each.name for each in parts_of_rows(rows[:2])] != [part.name]
    assert not list(parts_of_rows([]))


def test_other_rules(tmp_path: Path) -> None:
    """Other rules of the gate make the public table anew; what they hold back is gone from the public side."""
    small.hospitals(tmp_path, images=1)
    small.once(small.work(tmp_path))
    assert len(small.rows(tmp_path / "public" / "tables", "public_table")) == 4
    strict = small.work(tmp_path, gate={"k_anonymity": 5, "second_look": False})
    assert small.once(strict).has_written
    left = small.rows(tmp_path / "public" / "tables", "public_table", "Modality, BodyPartExamined")
    assert all(row == (None, None) for row in left), "two patients of one hospital and two of another are too few"
    assert not small.once(strict).has_written


def test_a_finished_file_that_may_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is published, and the next run looks again: a refused file is not taken for one that was checked."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    monkeypatch.setattr(ManyStrings, "is_in", lambda *_: True)
    for _ in range(2):
        with pytest.raises(ConfigError, match="a finished file was refused"):
            small.once(work)
        assert not (tmp_path / "public").exists()
    monkeypatch.undo()
    small.once(work)
    assert len(small.rows(tmp_path / "public" / "tables", "public_table")) == 4
    assert finishing.PUBLIC == "public_table"
