"""The folder of the journal: names, locks, and what is set aside."""

import os
from pathlib import Path

import pytest

from gateway.journal.folder import (
    ASIDE,
    FOREVER,
    path_of,
    remove,
    segments_in,
    set_aside,
    size_of,
    take_slot,
    written_at,
)
from gateway.journal.identifiers import make_key
from gateway.journal.segment import Segment
from tests.gateway.journal.rows_for_tests import NOW


def test_segments(tmp_path: Path) -> None:
    """A segment ends where the next of its slot begins; the newest comes first, whatever slot it has."""
    for begins, slot in ((30, 1), (10, 0), (20, 0)):
        path_of(tmp_path, begins, slot).touch()
    assert [(30, FOREVER, 1), (20, FOREVER, 0), (10, 20, 0)] == [
        (each.begins, each.ends, each.slot) for each in segments_in(tmp_path)
    ]


def test_set_aside(tmp_path: Path) -> None:
    """What is set aside keeps its content and the files beside it, and is no segment any more."""
    path = path_of(tmp_path, 10, 0)
    for end in ("", "-wal"):
        path.with_name(path.name + end).write_text(end)
    set_aside(path)
    assert [] == segments_in(tmp_path)
    assert {f"{path.name}{ASIDE}": "", f"{path.name}{ASIDE}-wal": "-wal"} == {
        each.name: each.read_text() for each in tmp_path.iterdir()
    }


def test_files(tmp_path: Path) -> None:
    """A segment that another process has removed meanwhile has no size and no time, and can be removed again."""
    gone = tmp_path / "gone"
    remove(gone)
    assert (0, 0.0) == (size_of(gone), written_at(gone))
    assert [] == segments_in(tmp_path / "nowhere")
    (tmp_path / "journal.txt").touch()
    assert [] == segments_in(tmp_path)


def test_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot that is taken gives the next one; when all are taken there is none."""
    monkeypatch.setattr("gateway.journal.folder.SLOTS", 2)
    first, second = take_slot(tmp_path, 1), take_slot(tmp_path, 1)
    assert first is not None
    assert second is not None
    assert (1, 0, None) == (first.number, second.number, take_slot(tmp_path, 0))
    first.lock.release()
    assert (again := take_slot(tmp_path, 0)) is not None
    assert 1 == again.number
    assert FOREVER > int(NOW * 1e6)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_files_of_root(tmp_path: Path) -> None:
    """What `hilum spool` makes as root belongs to the owner of the folder, who has to read and remove it."""
    os.chown(tmp_path, 4711, 4712)
    folder = tmp_path / "journal"
    slot = take_slot(folder, 0)
    assert slot is not None
    Segment.create(path_of(folder, 1, 0), 0).close()
    make_key(folder)
    slot.lock.release()
    made = [folder, *folder.iterdir()]
    assert 4 == len(made)
    assert {(4711, 4712)} == {(each.stat().st_uid, each.stat().st_gid) for each in made}
