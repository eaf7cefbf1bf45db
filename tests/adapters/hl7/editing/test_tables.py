"""Tables of ``map`` in CSV files."""

import os
from pathlib import Path

import pytest

from adapters.hl7.editing import tables
from adapters.hl7.editing.tables import read_table

FILES: dict[str, tuple[bytes, dict[str, str]]] = {
    "plain": (b"F,W\nM,M\n", {"F": "W", "M": "M"}),
    "without a last line end": (b"F,W", {"F": "W"}),
    "CRLF": (b"F,W\r\nM,M\r\n", {"F": "W", "M": "M"}),
    "a byte-order mark": (b"\xef\xbb\xbfF,W\n", {"F": "W"}),
    "quotation marks": (b'"A,B","say ""x"""\n', {"A,B": 'say "x"'}),
    "an empty line": (b"F,W\n\nM,M\n", {"F": "W", "M": "M"}),
    "an empty second column": (b"F,\n", {"F": ""}),
    "the same line twice": (b"F,W\nF,W\n", {"F": "W"}),
    "other alphabets": ("Ж,Ü\n".encode(), {"Ж": "Ü"}),
    "blanks belong to a value": (b"F , W\n", {"F ": " W"}),
}


@pytest.mark.parametrize(("octets", "table"), FILES.values(), ids=FILES)
def test_read(tmp_path: Path, octets: bytes, table: dict[str, str]) -> None:
    """Each line is a received value and what is written for it."""
    path = tmp_path / "table.csv"
    path.write_bytes(octets)
    assert table == read_table(path)


MISTAKES = {
    "empty": (b"", "no rows"),
    "one column": (b"F,W\nSECRET\n", "line 2 does not have two columns"),
    "three columns": (b"F,W,SECRET\n", "line 1 does not have two columns"),
    "semicolons": (b"F;W\n", "write one comma"),
    "an empty first column": (b",SECRET\n", "line 1 has an empty first column"),
    "two values for one": (b"F,W\nF,SECRET\n", "line 2 has the first column of an earlier line"),
    "a line end in a value": (b'F,"a\nSECRET"\n', "control character"),
    "a quotation mark that does not end": (b'F,"SECRET\n', "is not CSV"),
    "not UTF-8": (b"F,\xfc\n", "not UTF-8"),
}


@pytest.mark.parametrize(("octets", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(tmp_path: Path, octets: bytes, reason: str) -> None:
    """The error for a mistake has its line and what to do, without the value."""
    path = tmp_path / "table.csv"
    path.write_bytes(octets)
    with pytest.raises(ValueError, match=reason) as found:
        read_table(path)
    assert "; " in str(found.value)
    assert "SECRET" not in str(found.value)


def test_no_file(tmp_path: Path) -> None:
    """A missing file, and a pipe, which would never end, are errors."""
    os.mkfifo(tmp_path / "pipe")
    for name, reason in {"absent": "No such file", "pipe": "no regular file"}.items():
        with pytest.raises(ValueError, match=reason):
            read_table(tmp_path / name)


def test_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is too large for a table is not read."""
    monkeypatch.setattr(tables, "MOST_OCTETS", 3)
    (tmp_path / "table.csv").write_bytes(b"F,W\n")
    with pytest.raises(ValueError, match="larger than"):
        read_table(tmp_path / "table.csv")
