"""Other projects' HL7v2 messages become rows of one table, and what their headers say is in it."""

from pathlib import Path

import pytest

from adapters.hl7.er7 import Header
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.hl7v2.rows import SHAPE, row_of
from adapters.tables.hl7v2.segments import NoMessageError

pytest.importorskip("duckdb", reason="the extra `tables` is not installed")

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "hl7"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")


def test_rows(tmp_path: Path) -> None:
    """Each message is a row whose control ID and trigger are those of the header, however it is written."""
    rows, expected = {}, {}
    for path in sorted(each for each in CORPUS.rglob("*") if each.is_file()):
        octets = path.read_bytes()
        try:
            row = row_of(octets, "2026-01-31T00:00:00Z")
        except NoMessageError:
            continue
        header = Header.parse(octets)
        assert header is not None
        rows[row["MessageDigest"]] = row
        expected[row["MessageDigest"]] = (header.text(10) or None, header.text(9) or None, header.text(9, 2) or None)
    assert 100 < len(rows)
    tables = Tables(tmp_path)
    tables.create("t", SHAPE)
    with tables.writer("t") as table:
        table.append(list(rows.values()))
    found = Engine({"main": tables}).query("SELECT MessageDigest, ControlID, MessageType, TriggerEvent FROM t").rows
    assert expected == {digest: tuple(values) for digest, *values in found}
