"""JSON of rows."""

import subprocess
import sys

from adapters.tables.encoder import ENCODER


def test_encoder() -> None:
    """Rows are lines; what is no number of JSON is NULL."""
    assert b'{"a":null}\n{"b":"\xc3\xa4"}\n' == ENCODER.encode_lines([{"a": float("nan")}, {"b": "ä"}])


def test_imported_by_those_who_write() -> None:
    """Tables can be read, and their writer be opened, without it."""
    check = "import sys, adapters.tables.operating; assert 'msgspec' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)
