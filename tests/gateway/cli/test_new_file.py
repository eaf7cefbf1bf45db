"""A file gets its name when all of it is there."""

import errno
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.cli.new_file import NewFile

KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.cli.new_file import NewFile
with NewFile(Path(sys.argv[1])) as file:
    file.write(b"half of it")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """A process that is killed while it writes leaves nothing under the name; what it leaves is called a part."""
    path = tmp_path / "message.hl7"
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert (-signal.SIGKILL, False) == (done.returncode, path.exists())
    assert [".part"] == [each.suffix for each in tmp_path.iterdir()]


@pytest.fixture(params=["links", "no links"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a new file, on a file system with and without hard links."""

    def link(_source: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "no links":
        monkeypatch.setattr(os, "link", link)
    return tmp_path / "message.hl7"


def test_written(path: Path) -> None:
    """The file is whole, for its owner alone, and nothing else is left."""
    with NewFile(path) as file:
        file.write(b"all of it")
        assert not path.exists()
    assert (b"all of it", 0o600) == (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    assert [path] == list(path.parent.iterdir())


def test_synced_before_it_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has the name is on stable storage."""
    synced, sync = list[bool](), os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(path.exists())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with NewFile(path) as file:
        file.write(b"all of it")
    assert [False] == synced


def test_failed(path: Path) -> None:
    """If the block fails, nothing is left."""
    with suppress(RuntimeError), NewFile(path) as file:
        file.write(b"half of it")
        raise RuntimeError
    assert [] == list(path.parent.iterdir())


def test_nothing_is_replaced(path: Path) -> None:
    """A file that exists, or comes into being meanwhile, stays as it is."""
    new = NewFile(path)
    path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError), new as file:
        file.write(b"ours")
    with pytest.raises(FileExistsError):
        NewFile(path)
    assert [path] == list(path.parent.iterdir())
    assert b"theirs" == path.read_bytes()


def test_another_failure(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails at the very end leaves nothing, and is told."""

    def link(_source: Path, _target: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(OSError, match="Input/output error"), NewFile(path) as file:
        file.write(b"all of it")
    assert [] == list(path.parent.iterdir())
