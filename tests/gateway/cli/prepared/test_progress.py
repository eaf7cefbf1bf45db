"""What has been sent outlasts the process."""

import os
from pathlib import Path

import pytest

from gateway.cli.prepared.progress import Done, Progress, open_progress
from gateway.contract.errors import ConfigError


@pytest.fixture
def given(tmp_path: Path) -> list[Path]:
    """Return the files of a sending."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    return [tmp_path / "a", tmp_path / "b"]


def kept(path: Path, given: list[Path]) -> Progress:
    """Return the progress as the next run finds it."""
    with open_progress(path, given, restart=False) as progress:
        return progress


def test_resumed(tmp_path: Path, given: list[Path]) -> None:
    """What is noted is found again; nothing else is done with."""
    path = tmp_path / "deep" / "progress"
    with open_progress(path, given, restart=False) as progress:
        assert not progress.is_resumed
        for place, result in (((0, 1), "s"), ((0, 3), "r"), ((1, 1), "n")):
            progress.add(place, result)  # type: ignore[arg-type]
    again = kept(path, given)
    assert (True, 1, 1, (1, 1)) == (again.is_resumed, again.stored, again.refused, again.last)
    assert [(0, 1), (0, 3), (1, 1)] == [
        (file, line) for file in (0, 1) for line in range(1, 5) if (file, line) in again
    ]
    assert 0o600 == path.stat().st_mode & 0o777


def test_torn(tmp_path: Path, given: list[Path]) -> None:
    """A line that was being written when the process ended counts as not written, and what follows is whole."""
    path = tmp_path / "progress"
    with open_progress(path, given, restart=False) as progress:
        progress.add((0, 1), "s")
        progress.add((0, 12), "s")
    path.write_bytes(path.read_bytes()[:-3])
    with open_progress(path, given, restart=False) as progress:
        assert (0, 1) in progress
        assert (0, 12) not in progress
        progress.add((0, 2), "s")
    assert 2 == kept(path, given).stored


@pytest.mark.parametrize("size", [0, 10])
def test_torn_at_the_beginning(tmp_path: Path, given: list[Path], size: int) -> None:
    """A file whose first line is not whole is begun again: nothing was sent then."""
    path = tmp_path / "progress"
    kept(path, given)
    path.write_bytes(path.read_bytes()[:size])
    assert not kept(path, given).is_resumed
    assert kept(path, given).is_resumed


def test_files_have_changed(tmp_path: Path, given: list[Path]) -> None:
    """The progress of other files is not used, unless all is to be sent again."""
    path = tmp_path / "progress"
    with open_progress(path, given, restart=False) as progress:
        progress.add((0, 1), "s")
    given[0].write_text("changed")
    with pytest.raises(ConfigError, match="the files have changed"):
        kept(path, given)
    with open_progress(path, given, restart=True) as progress:
        assert (0, 1) not in progress


def test_one_at_a_time(tmp_path: Path, given: list[Path]) -> None:
    """Two processes do not send the same."""
    path = tmp_path / "progress"
    with (
        open_progress(path, given, restart=False),
        pytest.raises(ConfigError, match="another process"),
        open_progress(path, given, restart=False),
    ):
        pass


@pytest.mark.parametrize("line", [b"0 1 x\n", b"0 s\n", b"9 1 s\n", b"a b s\n", b"\xff\n"])
def test_damaged(tmp_path: Path, given: list[Path], line: bytes) -> None:
    """A file with something else in it is not used."""
    path = tmp_path / "progress"
    kept(path, given)
    path.write_bytes(path.read_bytes() + line)
    with pytest.raises(ConfigError, match="damaged"):
        kept(path, given)


def test_no_folder(tmp_path: Path, given: list[Path]) -> None:
    """A place that cannot be written is a mistake of the operator."""
    with pytest.raises(ConfigError, match="the progress cannot be kept"):
        kept(tmp_path / "a" / "progress", given)


@pytest.mark.parametrize("written", [OSError(28, "No space left on device"), 3])
def test_a_full_disk(
    tmp_path: Path, given: list[Path], monkeypatch: pytest.MonkeyPatch, written: OSError | int
) -> None:
    """What cannot be noted stops the sending with a sentence; what was noted before is kept."""
    path = tmp_path / "progress"

    def write(descriptor: int, line: bytes) -> int:
        if isinstance(written, OSError):
            raise written
        return real(descriptor, line[:written])

    real = os.write
    with open_progress(path, given, restart=False) as progress:
        progress.add((0, 1), "s")
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", write)
            with pytest.raises(ConfigError, match="cannot be kept: No space left on device"):
                progress.add((0, 2), "s")
    again = kept(path, given)
    assert ((0, 1) in again, (0, 2) in again) == (True, False)


def test_a_disk_that_fails(tmp_path: Path, given: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same if what was noted cannot be brought to the disk."""

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ConfigError, match="cannot be kept: Input/output error"):
        kept(tmp_path / "progress", given)


def test_little_is_remembered() -> None:
    """Of lines that are done with nearly in order only the last ones are in memory."""
    done = Done()
    for line in range(1, 1001):
        done.add(line + 1 if line % 2 else line - 1)
    assert (1000, 1) == (done.until, len(done.beyond) + 1)
    assert 500 in done
    assert 1001 not in done
