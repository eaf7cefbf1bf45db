"""The kind ``table``."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.tables.kind import TABLE, open_tables
from adapters.tables.settings import TableSettings
from gateway.contract.errors import ConfigError
from gateway.contract.kind import Tools
from tests.adapters.tables.shapes import duckdb

assert duckdb


def no_contexts(*_: object) -> object:
    """Make no TLS contexts."""
    raise AssertionError("a table has no TLS")


def tools(data_dir: Path | None) -> Tools:
    """Return what the composition root passes."""
    return Tools(no_contexts, {}, data_dir=data_dir)  # type: ignore[arg-type]


def test_open(tmp_path: Path) -> None:
    """By default the tables are below the data directory."""
    settings = TableSettings(kind="table", table="t")
    assert str(tmp_path / "tables" / "t") == TABLE.open("m", settings, tools(tmp_path)).address
    assert (
        str(tmp_path / "x" / "t")
        == TABLE.open("m", settings.model_copy(update={"folder": tmp_path / "x"}), tools(None)).address
    )
    with pytest.raises(ConfigError, match=r"destinations\.m\.folder: there is no data_dir"):
        TABLE.open("m", settings, tools(None))


def test_open_tables(tmp_path: Path) -> None:
    """Tables are opened by their folders; DuckDB and msgspec are imported only then."""
    assert [] == open_tables({"main": tmp_path}).facts()
    check = "import sys, gateway.kinds; assert not {'duckdb', 'msgspec'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", check], check=True)
