"""Finished files: their columns, and every octet."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")

import duckdb

from adapters.pipeline.gate.parquet import checking
from adapters.pipeline.gate.parquet.checking import (
    CANNOT,
    IN_FILE,
    IN_PAGE,
    IN_VALUES,
    NOTES,
    OTHER_COLUMNS,
    TOO_LARGE,
    check,
)
from adapters.pipeline.gate.strings import ManyStrings
from tests.adapters.pipeline.gate.parquet.made import NAMES, compressed, row, segment

pytest.importorskip("numpy", reason="the extra `pipeline` is not installed")
FORBIDDEN = ManyStrings(["Musterfrau^Erika", "74230001", "1.2.840.99.7.1"])
ROWS = [row(each) for each in range(300)]
PLANTED: dict[str, dict[str, Any]] = {
    "in a text": {"report": "seen: musterfrau^erika, well"},
    "in a list": {"Kinds": ["A", "74230001"]},
    "in a record": {"Name": {"Alphabetic": "Musterfrau^Erika", "Phonetic": None}},
    "as a number": {"Images": 74230001},
    "first of all, so that it is the least of its column": {"Modality": "1.2.840.99.7.1"},
}


def test_clean(tmp_path: Path) -> None:
    """A file of allowed columns without identifiers passes."""
    assert check(segment(tmp_path, ROWS), NAMES, FORBIDDEN) == ""


@pytest.mark.parametrize("compression", ["snappy", "gzip", "uncompressed"])
@pytest.mark.parametrize("more", PLANTED.values(), ids=PLANTED)
def test_planted(tmp_path: Path, more: dict[str, Any], compression: str) -> None:
    """One identifier in one of many rows is found, in each compression."""
    path = compressed(tmp_path, [*ROWS[:150], row(1, **more), *ROWS[150:]], compression)
    assert check(path, NAMES, FORBIDDEN) in {IN_FILE, IN_PAGE, IN_VALUES}


def test_statistics(tmp_path: Path) -> None:
    """The least value of a column stands in the footer as it is, also where its pages are compressed."""
    path = segment(tmp_path, [*ROWS, row(1, Modality="1.2.840.99.7.1")])
    with duckdb.connect() as connection:
        query = "SELECT stats_min_value FROM parquet_metadata(?) WHERE path_in_schema = 'Modality'"
        assert connection.execute(query, [str(path)]).fetchall() == [("1.2.840.99.7.1",)]
    assert check(path, NAMES, FORBIDDEN) == IN_FILE


def test_compressed_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What neither the file as it stands nor its values show is found in its pages."""
    path = compressed(tmp_path, [*ROWS, row(1, report="No change since examination 15, musterfrau^erika")], "gzip")
    monkeypatch.setattr(checking, "_by_values", lambda *_: "")
    assert check(path, NAMES, FORBIDDEN) == IN_PAGE


def test_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no page shows as a text, as a number is none, is found among the values."""
    path = segment(tmp_path, [*ROWS, row(1, Images=74230001)])
    assert check(path, NAMES, FORBIDDEN) == IN_VALUES


def test_other_columns(tmp_path: Path) -> None:
    """A column that is not allowed is seen, also if it is empty."""
    assert check(segment(tmp_path, ROWS), NAMES - {"Name"}, FORBIDDEN) == OTHER_COLUMNS


def test_notes(tmp_path: Path) -> None:
    """Notes of the writer are seen."""
    path = tmp_path / "1.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'CT' AS Modality) TO '{path}' (FORMAT parquet, KV_METADATA {{author: 'x'}})")
    assert check(path, NAMES, FORBIDDEN) == NOTES


def test_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there, is no Parquet file, is too large, or fails to be checked does not pass."""
    assert check(tmp_path / "absent", NAMES, FORBIDDEN) == CANNOT
    (tmp_path / "text").write_text("Musterfrau")
    assert "no Parquet file" in check(tmp_path / "text", NAMES, FORBIDDEN)
    path = segment(tmp_path / "t", ROWS)
    monkeypatch.setattr(checking, "LARGEST", 100)
    assert check(path, NAMES, FORBIDDEN) == TOO_LARGE
    monkeypatch.undo()
    monkeypatch.setattr(checking, "duckdb_connection", lambda: 1 / 0)
    assert check(path, NAMES, FORBIDDEN) == CANNOT
