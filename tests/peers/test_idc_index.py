"""IDC's index, a million series of public collections, as a table of Hilum and by its own client, idc-index."""

import json
import time
from pathlib import Path

import pytest

from adapters.tables.operating import open_tables
from gateway.cli.main import main
from tests.bench.object_rows import peer
from tests.bench.table_rows import SERIES, idc_index

pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(idc_index() is None, reason="idc-index is not installed: make table-peers"),
]
TIMES = 20


def test_the_same_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hilum tables load` and `hilum query` give what idc-index gives, at least twenty times faster.

    The client has the index in memory when it is asked, which takes it a quarter of a minute before; Hilum has it as
    Parquet on the disk, and opens it for each question. What starts a process is in neither.
    """
    config = tmp_path / "hilum.yaml"
    config.write_text(f"data_dir: {tmp_path / 'data'}\n")
    index = idc_index()
    assert index is not None
    assert 0 == main(["tables", str(config), "load", "index", str(index)])
    assert "rows added" in capsys.readouterr().out
    assert 0 == main(["query", str(config), SERIES, "--format", "json"])
    ours = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    tables, milliseconds = open_tables({"main": tmp_path / "data" / "tables"}), []
    with peer("idc") as client:
        for _ in range(3):
            begin = time.perf_counter()
            assert len(ours) == len(tables.query(SERIES, None).rows)
            milliseconds.append(1000 * (time.perf_counter() - begin))
        theirs = client.ask(SERIES)
    assert len(ours) == theirs["rows"]
    assert sum(each["series"] for each in ours) > 1_000_000
    assert TIMES * min(milliseconds) < theirs["ms"]
