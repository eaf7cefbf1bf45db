"""Who owns which spool."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.spool.folders import WORKER, OwnedFolder, WorkerIndex, existing_folders, take_folders


@pytest.fixture
def owned() -> Iterator[ExitStack]:
    """Release at the end what a test has locked."""
    with ExitStack() as stack:
        yield stack


def take(owned: ExitStack, data_dir: Path, worker: int = 1, workers: int = 1) -> list[OwnedFolder]:
    """Take folders as one starting process does, and use them."""
    folders = take_folders(data_dir, WorkerIndex(worker, workers))
    for folder in folders:
        owned.callback(folder.release)
        (folder.path / "spool.db").touch()
    return folders


def names(folders: list[OwnedFolder]) -> list[str]:
    """Return the names of the folders."""
    return [folder.path.name for folder in folders]


def test_a_restart_takes_its_own_again(owned: ExitStack, tmp_path: Path) -> None:
    """What one process leaves the next one owns, so that its messages go on in order."""
    first = take(owned, tmp_path)
    first[0].release()
    assert names(first) == names(take(owned, tmp_path))


def test_two_at_once(owned: ExitStack, tmp_path: Path) -> None:
    """A spool has one owner: a second process makes its own."""
    assert names(take(owned, tmp_path)) != names(take(owned, tmp_path))
    assert 2 == len(existing_folders(tmp_path))


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "of a Hilum that gave them no numbers"])
@pytest.mark.parametrize(("workers", "taken"), [(1, [4]), (2, [3, 1]), (4, [1, 1, 1, 1]), (6, [1] * 6)])
def test_workers_share_what_is_there(
    owned: ExitStack, tmp_path: Path, workers: int, taken: list[int], numbered: bool
) -> None:
    """Of four spools each of the workers gets one; what is too many is adopted at once."""
    for folder in [take(owned, tmp_path, number, 4)[0] for number in (1, 2, 3, 4)]:
        folder.release()
        if not numbered:
            (folder.path / WORKER).unlink()
    assert taken == [len(take(owned, tmp_path, number + 1, workers)) for number in range(workers)]
    assert max(4, workers) == len(existing_folders(tmp_path))


def test_each_worker_takes_its_own_again(owned: ExitStack, tmp_path: Path) -> None:
    """In whichever order workers start, each gets what the last one of its number had: its peers sent it there."""
    before = {number: take(owned, tmp_path, number, 3) for number in (1, 2, 3)}
    for folders in before.values():
        folders[0].release()
    after = {number: take(owned, tmp_path, number, 3) for number in (3, 1, 2)}
    assert {number: names(folders) for number, folders in before.items()} == {
        number: names(after[number]) for number in before
    }


@pytest.mark.parametrize("mark", ["", "x", "-"])
def test_damaged_number(owned: ExitStack, tmp_path: Path, mark: str) -> None:
    """A spool whose number cannot be read is anybody's."""
    first = take(owned, tmp_path, 2, 2)[0]
    first.release()
    (first.path / WORKER).write_text(mark)
    assert [first.path.name] == names(take(owned, tmp_path, 2, 2))


def test_remove(owned: ExitStack, tmp_path: Path) -> None:
    """A folder in which nothing is left can be removed by its owner."""
    (folder,) = take(owned, tmp_path)
    folder.remove()
    assert [] == existing_folders(tmp_path)
    assert not folder.path.exists()


def test_remove_beside_who_reads(owned: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that SQLite makes for another process while the folder is removed does not keep the folder."""
    (folder,) = take(owned, tmp_path)
    remove = os.rmdir
    made: list[Path] = []

    def rmdir(path: Path, **at: int | None) -> None:
        if not made:
            made.append(folder.path / "spool.db-shm")
            made[0].touch()
        remove(path, **at)

    monkeypatch.setattr(os, "rmdir", rmdir)
    folder.remove()
    assert made
    assert not folder.path.exists()
