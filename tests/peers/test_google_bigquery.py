"""Clients of BigQuery against the sandbox's tables."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.sandbox.server import Sandbox
from tests.peers.programs import ROOT, run

pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")
PYTHON = ROOT / "build" / "google-peers" / "bin" / "python"
SCRIPT = ROOT / "tests" / "peers" / "google" / "bigquery_client.py"
INSTALLED = any(PYTHON.parent.parent.glob("lib/python*/site-packages/google/cloud/bigquery"))


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Run a sandbox."""
    async with Sandbox(tmp_path / "data") as running:
        yield running


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED, reason="google-cloud-bigquery is not installed: make google-peers")
async def test_library(sandbox: Sandbox) -> None:
    """google-cloud-bigquery makes tables, inserts, loads and asks."""
    status, said = await run(PYTHON, SCRIPT, sandbox.url)
    assert 0 == status, said
    assert {
        "inserted": [],
        "wrong": "invalid",
        "loaded": 25,
        "listed": [[1, "a,b"], [2, None]],
        "row": ["a", "['x', 'y']", "2020-01-01 00:00:00+00:00", "2020-01-02", "2", "b'ab'"],
        "pages": 25,
        "parameter": [["n12"]],
        "count": [[25]],
        "reasons": ["invalidQuery", "invalidQuery", "notFound", "invalidQuery", "invalidQuery"],
        "left": [],
    } == json.loads(said.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bq") is None, reason="bq is not installed")
async def test_bq(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``bq`` takes the discovery document of the sandbox, and then works as with any project."""
    (tmp_path / "token").write_text("anybody\n")
    (tmp_path / "rows.json").write_text('{"id": 1, "name": "x"}\n{"id": 2}\n')
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("CLOUDSDK_CORE_PROJECT", "p")
    command = ("bq", "--api", sandbox.url, "--project_id", "p", "--quiet")
    for words, expected in (
        (("mk", "--dataset", "lab"), "successfully created"),
        (("mk", "--table", "lab.t", "id:INTEGER,name:STRING"), "successfully created"),
        (("load", "--source_format=NEWLINE_DELIMITED_JSON", "lab.t", str(tmp_path / "rows.json")), ""),
        (("query", "--use_legacy_sql=false", "--format=json", "SELECT id FROM lab.t ORDER BY id DESC"), '[{"id":"2"}'),
        (("query", "--use_legacy_sql=false", "SELECT FORMAT('%d', 1)"), "the function FORMAT is not supported here"),
    ):
        _, said = await run(*command, *words)
        assert expected in said
