"""A spool whose owner was killed is looked into by somebody who does not own it."""

import shutil
from pathlib import Path

import pytest

from gateway.spool import Selection, State, open_for_operator, open_spool
from gateway.spool.care.backup import back_up
from gateway.spool.care.verify import verify
from gateway.spool.database import counting
from gateway.spool.database.counting import count
from gateway.spool.folders import existing_folders, take_folder
from gateway.spool.log import reading
from gateway.spool.log.files import has_records, path_of, segments_of
from gateway.spool.log.reading import read_log
from gateway.spool.log.segments import Found
from gateway.spool.owning.catching_up import catch_up
from gateway.spool.owning.unowned import Unowned
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.spools import LARGE, SETTINGS, commit, folder_of


@pytest.fixture
async def left(tmp_path: Path) -> Path:
    """Return the data directory of a process that was killed with a message in its log."""
    copy = tmp_path.parent / f"{tmp_path.name}-left"
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, LARGE)
        shutil.copytree(tmp_path, copy)
    assert has_records(folder_of(copy))
    return copy


async def test_an_operator(left: Path) -> None:
    """What was acknowledged last is listed."""
    async with open_for_operator(left, SETTINGS) as operations:
        (record,) = (await operations.find(Selection())).records
    assert (State.WAITING, {}) == (record.state, segments_of(folder_of(left)))


def test_a_backup(left: Path, tmp_path: Path) -> None:
    """It is in the copy."""
    (copied,) = back_up(left, tmp_path / "copy")
    assert (1, 1) == (copied.messages, copied.files)


def test_verifying(left: Path) -> None:
    """It is looked at; a segment that is kept because it is damaged is named."""
    folder = folder_of(left)
    path = next(iter(segments_of(folder).values()))
    whole = path.read_bytes()
    assert ([], 1) == (verify(folder, Plain()).problems, verify(folder, Plain()).payloads)
    path.write_bytes(whole[:-1] + b"x")
    (problem,) = verify(folder, Plain()).problems
    assert f"damaged-{path.name}" in problem


async def test_counted_where_it_is(left: Path) -> None:
    """It is counted before anybody has moved it, and stays where it is."""
    for totals in (count(left), await Unowned(left).totals()):
        assert [("store", State.WAITING, 1)] == [
            (each.destination, each.state, each.count) for each in totals if each.count
        ]
    assert has_records(folder_of(left))


async def test_moved_while_it_is_counted(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is moved between the looks at the log and at the database is counted once."""

    def then_moved(folder: Path) -> Found:
        found = read_log(folder)
        catch_up([folder])
        return found

    monkeypatch.setattr(counting, "read_log", then_moved)
    assert 1 == sum(each.count for each in count(left))


async def test_a_segment_is_renamed_while_it_is_counted(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment that has another name meanwhile does not make the spool look empty."""
    folder = folder_of(left)
    lists = [segments_of(folder) | {99: path_of(folder, 99)}]
    monkeypatch.setattr(reading, "segments_of", lambda path: lists.pop() if lists else segments_of(path))
    assert 1 == sum(each.count for each in count(left))


def test_an_owner_that_does_not_answer(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for, and then left alone: nobody else writes to what it has."""
    monkeypatch.setattr("gateway.spool.log.asking.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("gateway.spool.log.asking.ask_and_wait.__defaults__", (0.01,))
    (folder,) = existing_folders(left)
    owned = take_folder(folder)
    assert owned is not None
    catch_up([folder])
    assert has_records(folder)
    owned.release()
    catch_up([folder])
    assert not has_records(folder)
