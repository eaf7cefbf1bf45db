"""Settings of a table."""

import importlib.util

import pytest
from pydantic import ValidationError

from adapters.tables.settings import TableSettings
from tests.adapters.tables.shapes import duckdb

assert duckdb


def test_defaults() -> None:
    """A table needs a name only."""
    settings = TableSettings(kind="table", table="dicom_metadata")
    assert ("nested", None, 256) == (settings.columns, settings.folder, settings.most_at_once)


@pytest.mark.parametrize(
    ("key", "value"),
    [("table", "a.b"), ("table", ""), ("timezone", "Mars/Base"), ("recursive_depth", 6), ("columns", "x")],
)
def test_mistakes(key: str, value: object) -> None:
    """A wrong value is told with its key."""
    with pytest.raises(ValidationError, match=key):
        TableSettings.model_validate({"kind": "table", "table": "t", key: value})


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DuckDB the configuration says which extra is missing."""
    monkeypatch.setattr("adapters.tables.settings.find_spec", lambda name: None)
    assert importlib.util.find_spec("json")
    with pytest.raises(ValidationError, match=r"needs DuckDB, which is not installed; install hilum\[tables\]"):
        TableSettings(kind="table", table="t")
