"""Reading a log whose owner may be writing, emptying or removing its segments."""

from pathlib import Path

import pytest

from gateway.spool.log import reading
from gateway.spool.log.files import make_log_folder, path_of, segments_of
from gateway.spool.log.reading import problems_of, read_log
from gateway.spool.log.records import seed_of, segment_head, write_committed
from gateway.spool.log.segments import Flaw
from tests.gateway.spool.log.logs import committed, keep_segment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a spool whose log has two messages."""
    make_log_folder(tmp_path)
    seed = seed_of(tmp_path.name, 1)
    first = segment_head(tmp_path.name, 1) + write_committed(committed(1), seed)
    path_of(tmp_path, 1).write_bytes(first + write_committed(committed(2), seed, len(first)))
    return tmp_path


def test_nothing(tmp_path: Path) -> None:
    """Where there is no log nothing is in it, and nothing is wrong with it."""
    assert ([], []) == (read_log(tmp_path).records, problems_of(tmp_path))


def test_a_segment_that_is_renamed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is read again where a segment has gone since its folder was listed."""
    lists = [segments_of(folder) | {9: path_of(folder, 9)}]
    monkeypatch.setattr(reading, "segments_of", lambda path: lists.pop() if lists else segments_of(path))
    assert [1, 2] == [record.seq for record in read_log(folder).records]


def test_segments_that_are_always_renamed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At last it is taken for empty: its owner puts what was in it into the database."""
    monkeypatch.setattr(reading, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(reading, "segments_of", lambda path: {9: path_of(path, 9)})
    assert [] == read_log(folder).records


def test_a_segment_that_is_emptied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks damaged because half of it is zeros already is read again."""
    damage(folder)
    monkeypatch.setattr("time.sleep", lambda _: path_of(folder, 1).unlink(missing_ok=True))
    assert ([], []) == ((found := read_log(folder)).records, found.flaws)


def damage(folder: Path) -> None:
    """Damage the first message."""
    path = path_of(folder, 1)
    octets = bytearray(path.read_bytes())
    octets[90] ^= 1
    path.write_bytes(octets)


def test_damage(folder: Path) -> None:
    """What stays damaged is told, and so is what is kept; no word of it comes from a message."""
    damage(folder)
    assert [Flaw.RECORD] == [each.flaw for each in read_log(folder).flaws]
    keep_segment(folder)
    assert [
        f"the intake log: segment 1: {Flaw.RECORD}",
        "the intake log: damaged-0000000001 is kept, because it is not what was written",
    ] == problems_of(folder)


def test_what_is_being_written(folder: Path) -> None:
    """A record that is not whole yet is no damage."""
    with path_of(folder, 1).open("ab") as file:
        file.write(b"begun")
    assert [] == problems_of(folder)
