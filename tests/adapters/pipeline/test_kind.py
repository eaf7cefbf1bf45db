"""The pipeline says which extra is missing, and is imported only when it is opened."""

import subprocess
import sys
from importlib.util import find_spec as real
from pathlib import Path

import pytest

from adapters.pipeline import kind
from adapters.pipeline.kind import open_pipeline, search_public
from gateway.contract.pipeline import Parts, PipelineError


def test_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DuckDB the command says what to install."""
    monkeypatch.setattr(kind, "find_spec", lambda name: None if name == "duckdb" else real(name))
    with pytest.raises(PipelineError, match=r"needs duckdb.*install hilum\[pipeline\]"):
        open_pipeline(Parts(None, None, {}, lambda _: None, "1"))  # type: ignore[arg-type, return-value]


def test_searching_needs_duckdb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It needs no more than that, and says so."""
    monkeypatch.setattr(kind, "find_spec", lambda _: None)
    with pytest.raises(PipelineError, match="needs duckdb"):
        search_public(tmp_path, "", 1)


def test_the_core_does_without() -> None:
    """The table of kinds imports neither the pipeline's engine nor its libraries."""
    code = (
        "import sys, gateway.kinds; print(sorted(each for each in sys.modules if each in"
        " {'duckdb', 'apache_beam', 'rapidocr_onnxruntime', 'adapters.pipeline.running', 'adapters.pipeline.work'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
