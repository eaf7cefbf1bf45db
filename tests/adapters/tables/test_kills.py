"""A writer is killed again and again while others read: what it has confirmed is there, and no query fails."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.operating import open_tables
from tests.adapters.tables.shapes import THINGS, VALUES
from tests.seeds import SEED

WRITER = """
import sys
from pathlib import Path
from adapters.tables.compaction import compact, needs_compaction
from adapters.tables.contract import Tables
first = int(sys.argv[2])
with Tables(Path(sys.argv[1])).writer("t") as table:
    number = first
    while True:
        rows = [{"id": str(number % 7), "value": number + each, "at": "2026-01-01T00:00:00Z"} for each in range(3)]
        table.append(rows)
        number += 3
        print(number, flush=True)
        if number % 5 == 0:
            compact(table)
"""


@pytest.mark.slow
def test_kills(tmp_path: Path) -> None:
    """After each kill the table has every confirmed row once, and at most those of one more batch."""
    chance = random.Random(SEED)
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    engine, confirmed = Engine({"main": tables}), 0
    for _ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(confirmed)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(chance.randrange(1, 6)):
            line = writer.stdout.readline()
            assert line
            confirmed = int(line)
            count, distinct, current = engine.query(
                "SELECT (SELECT count(*) FROM t_rows), (SELECT count(DISTINCT value) FROM t_rows), count(*) FROM t"
            ).rows[0]
            assert confirmed <= count == distinct
            assert current <= 7
        writer.kill()
        rest = writer.communicate()[0].split()
        confirmed = int(rest[-1]) if rest else confirmed
        ((count, most),) = engine.query("SELECT count(*), max(value) FROM t_rows").rows
        assert confirmed <= count <= confirmed + 3
        assert count == most + 1
        confirmed = count
    assert [] == open_tables({"main": tmp_path}).problems("t")
    with tables.writer("t"):
        assert [] == list((tmp_path / "t" / "unfinished").iterdir())


@pytest.mark.slow
def test_readers(tmp_path: Path) -> None:
    """While rows come and segments are merged, every answer has all rows of some moment."""
    tables = Tables(tmp_path)
    tables.create("t", VALUES)
    program = WRITER.replace('"id": str(number % 7), ', "").replace(', "at": "2026-01-01T00:00:00Z"', "")
    writer = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), "0"], stdout=subprocess.DEVNULL)
    try:
        engine, before = Engine({"main": tables}), 0
        while before < 100:
            ((count, most),) = engine.query("SELECT count(*), coalesce(max(value) + 1, 0) FROM t").rows
            assert before <= count == most
            before = count
    finally:
        writer.kill()
        writer.wait()
