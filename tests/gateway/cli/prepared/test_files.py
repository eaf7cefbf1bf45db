"""Prepared FHIR files."""

import gzip
from pathlib import Path

import pytest

from gateway.cli.prepared import files
from gateway.cli.prepared.files import Record, find_files, read_records
from gateway.contract.errors import ConfigError


def names(found: list[Path]) -> list[str]:
    """Return the names of files."""
    return [each.name for each in found]


def test_order_in_a_folder(tmp_path: Path) -> None:
    """Types that others refer to come first; other files do not come at all."""
    wanted = ["Patient.ndjson", "Encounter-2.ndjson.gz", "Account.json", "Observation.jsonl", "a.json.gz"]
    (tmp_path / "sub").mkdir()
    for name in [*wanted, "notes.txt", "manifest.json.part"]:
        (tmp_path / name).touch()
    (tmp_path / "sub" / "Practitioner.000.ndjson").touch()
    assert ["Practitioner.000.ndjson", *wanted] == names(find_files([tmp_path]))


def test_given_order(tmp_path: Path) -> None:
    """Files that are named are sent in the order given, each once, whatever their names end with."""
    for name in ("b.txt", "a.json"):
        (tmp_path / name).touch()
    given = [tmp_path / "b.txt", tmp_path / "a.json", tmp_path / "b.txt", tmp_path]
    assert ["b.txt", "a.json"] == names(find_files(given))


@pytest.mark.parametrize("name", ["none.json", "folder"])
def test_nothing_there(tmp_path: Path, name: str) -> None:
    """A missing file and a folder without files are mistakes of the operator."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=name):
        find_files([tmp_path / name])


def test_lines(tmp_path: Path) -> None:
    """NDJSON has a record in each line, also compressed, and also without an end of line at the end."""
    (tmp_path / "a.ndjson").write_bytes(b'{"a":1}\n\n{"a":2}')
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"b":1}\r\n'))
    found = list(read_records([tmp_path / "a.ndjson", tmp_path / "b.jsonl.gz"]))
    assert [(0, 1, b'{"a":1}'), (0, 2, b""), (0, 3, b'{"a":2}'), (1, 1, b'{"b":1}')] == [
        (each.file, each.line, each.data) for each in found
    ]


def test_a_whole_file(tmp_path: Path) -> None:
    """Another file is one record, with all its lines."""
    (tmp_path / "a.json").write_bytes(b'{\n"a": 1\n}\n')
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(b"{}"))
    assert [Record(0, 1, b'{\n"a": 1\n}\n'), Record(1, 1, b"{}")] == list(
        read_records([tmp_path / "a.json", tmp_path / "b.json.gz"])
    )


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is too large is told, and the next line of its file is read."""
    monkeypatch.setattr(files, "MOST_OCTETS", 10)
    (tmp_path / "a.ndjson").write_bytes(b"x" * 1000 + b"\n{}\n" + b"y" * 10 + b"\n" + b"z" * 11)
    (tmp_path / "b.json").write_bytes(b"x" * 11)
    found = list(read_records([tmp_path / "a.ndjson", tmp_path / "b.json"]))
    assert [1, 2, 3, 4, 1] == [each.line for each in found]
    assert [True, False, False, True, True] == [bool(each.problem) for each in found]


def test_damaged(tmp_path: Path) -> None:
    """A compressed file that is not whole is told, with the line from which on it cannot be read."""
    whole = gzip.compress(b"".join(b'{"a":%d}\n' % number for number in range(100_000)))
    (tmp_path / "a.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.ndjson.gz").write_bytes(b"no gzip")
    *_, last, other = read_records([tmp_path / "a.ndjson.gz", tmp_path / "b.ndjson.gz"])
    assert last.line > 1
    assert "the file cannot be read from here on: it is not whole, or no gzip file" == last.problem
    assert "the file cannot be read" in other.problem


def test_unreadable(tmp_path: Path) -> None:
    """A file that is gone meanwhile is told."""
    (record,) = read_records([tmp_path / "none.json"])
    assert "the file cannot be read from here on: No such file or directory" == record.problem
