"""Files are found, numbered, and cut into units, whatever their names are."""

import os
from pathlib import Path

import pytest

from gateway.cli.deidentifying import units
from gateway.cli.deidentifying.units import LINK, NO_FILE, units_of
from gateway.contract.errors import ConfigError


def test_numbers(tmp_path: Path) -> None:
    """Files are numbered in the order of their names, in all folders; hostile names are names as all others."""
    source = tmp_path / "in"
    (source / "b").mkdir(parents=True)
    for name in (b"a\n.dcm", b"\xff\xfe", b"b/--step", b"c"):
        Path(os.fsdecode(os.fsencode(source) + b"/" + name)).write_bytes(b"x")
    os.mkfifo(source / "d")
    (source / "gone").symlink_to(source / "nothing")
    found = units_of(source, tmp_path / "out")
    assert [each.number for each in found] == list(range(1, 7))
    assert {each.name for each in found if not each.problem} == {"a\n.dcm", os.fsdecode(b"\xff\xfe"), "b/--step", "c"}
    assert [each.problem for each in found if each.name == "d"] == [NO_FILE]
    assert all("cannot be read" in each.problem for each in found if each.name == "gone")


def test_link_to_folder(tmp_path: Path) -> None:
    """A link to a folder is not followed, and not passed over in silence."""
    source, other = tmp_path / "in", tmp_path / "other"
    source.mkdir()
    other.mkdir()
    (source / "a").write_bytes(b"x")
    (other / "b").write_bytes(b"x")
    (source / "link").symlink_to(other)
    (source / "circle").symlink_to(source)
    assert [(each.name, each.problem) for each in units_of(source, tmp_path / "out")] == [
        ("a", ""),
        ("circle", LINK),
        ("link", LINK),
    ]


def test_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large NDJSON file is several units of one number, which together are all of it."""
    monkeypatch.setattr(units, "PART", 10)
    path = tmp_path / "Patient.ndjson"
    path.write_bytes(b"x" * 25)
    found = units_of(path, tmp_path / "out")
    assert [(each.number, each.start, each.octets) for each in found] == [(1, 0, 10), (1, 10, 10), (1, 20, 5)]
    assert len({each.place for each in found}) == 3


def test_changed(tmp_path: Path) -> None:
    """A file that has changed is another one to do, with the same place."""
    path = tmp_path / "a"
    path.write_bytes(b"1")
    (before,) = units_of(path, tmp_path / "out")
    path.write_bytes(b"22")
    (after,) = units_of(path, tmp_path / "out")
    assert before.place == after.place
    assert before.state != after.state


@pytest.mark.parametrize(
    ("source", "out", "problem"),
    [
        ("nothing", "out", "does not exist"),
        ("empty", "out", "there is no file in it"),
        ("full", "full", "the folder to read from"),
        ("full", "full/out", "the folder to read from, in it"),
        ("full", ".", "or around it"),
    ],
)
def test_mistakes(source: str, out: str, problem: str, tmp_path: Path) -> None:
    """No file to read, or an output within the input, is a mistake."""
    (tmp_path / "empty" / "folder").mkdir(parents=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(ConfigError, match=problem):
        units_of(tmp_path / source, tmp_path / out)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_unreadable_folder(tmp_path: Path) -> None:
    """A folder that may not be read is told, and not passed over."""
    (tmp_path / "in" / "closed").mkdir(parents=True)
    (tmp_path / "in" / "a").touch()
    (tmp_path / "in" / "closed").chmod(0)
    assert [bool(each.problem) for each in units_of(tmp_path / "in", tmp_path / "out")] == [False, True]
