"""Who owns which spool."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.spool.folders import OwnedFolder, existing_folders, take_folders


@pytest.fixture
def owned() -> Iterator[ExitStack]:
    """Release at the end what a test has locked."""
    with ExitStack() as stack:
        yield stack


def take(owned: ExitStack, data_dir: Path, workers: int = 1) -> list[OwnedFolder]:
    """Take folders as one starting process does, and use them."""
    folders = take_folders(data_dir, workers)
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


@pytest.mark.parametrize(("workers", "taken"), [(1, [4]), (2, [3, 1]), (4, [1, 1, 1, 1]), (6, [1] * 6)])
def test_workers_share_what_is_there(owned: ExitStack, tmp_path: Path, workers: int, taken: list[int]) -> None:
    """Of four spools each of the workers gets one; what is too many is adopted at once."""
    for folder in [take(owned, tmp_path)[0] for _ in range(4)]:
        folder.release()
    assert taken == [len(take(owned, tmp_path, workers)) for _ in range(workers)]
    assert max(4, workers) == len(existing_folders(tmp_path))


def test_remove(owned: ExitStack, tmp_path: Path) -> None:
    """A folder in which nothing is left can be removed by its owner."""
    (folder,) = take(owned, tmp_path)
    folder.remove()
    assert [] == existing_folders(tmp_path)
    assert not folder.path.exists()
