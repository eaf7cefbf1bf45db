"""The audit file."""

import json
import os
import stat
from pathlib import Path

import pytest

from gateway.audit.file import AuditFile, open_file
from gateway.audit.interface import Taken
from gateway.audit.rendering import as_json
from gateway.contract.errors import ConfigError
from tests.gateway.audit.samples import MESSAGES
from tests.gateway.audit.test_fitting import TOO_LARGE

START, STOP = MESSAGES["start"], MESSAGES["stop"]


def types_in(path: Path) -> list[str]:
    """Return the type of each event in the file."""
    events = [json.loads(line)["EventIdentification"] for line in path.read_text().splitlines()]
    return [each["EventTypeCode"][0]["csd-code"] for each in events]


def test_appends(tmp_path: Path) -> None:
    """Each event is a line behind those that were there before."""
    path = tmp_path / "audit.jsonl"
    for _ in range(2):
        file = AuditFile(path)
        file.write([START, STOP])
        file.close()
    assert ["110120", "110121"] * 2 == types_in(path)


def test_mode(tmp_path: Path) -> None:
    """The file is the owner's alone, also where it was there with another mode, and is appended to."""
    path = tmp_path / "audit.jsonl"
    path.touch(0o644)
    file = open_file(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    flags = Path(f"/proc/self/fdinfo/{file._descriptor}").read_text()
    assert int(flags.split("flags:")[1].split()[0], 8) & os.O_APPEND
    file.close()


@pytest.mark.parametrize("name", TOO_LARGE)
def test_large_events(tmp_path: Path, name: str) -> None:
    """A line has no limit: an event of any size is one, and whole."""
    path = tmp_path / "audit.jsonl"
    file = AuditFile(path)
    message = TOO_LARGE[name]()
    assert Taken() == file.write([message])
    file.close()
    (line,) = path.read_bytes().splitlines(keepends=True)
    assert as_json(message) == line


@pytest.mark.parametrize("gone", [lambda path: path.rename(f"{path}.1"), Path.unlink], ids=["renamed", "removed"])
def test_rotation(tmp_path: Path, gone: object) -> None:
    """After a rotation the next event begins a new file; those before stay in the old one."""
    path = tmp_path / "audit.jsonl"
    file = AuditFile(path)
    file.write([START])
    assert callable(gone)
    gone(path)
    file.write([STOP])
    file.close()
    assert ["110121"] == types_in(path)


def test_stable_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that are written together are on stable storage before the call returns, with one call."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    file = AuditFile(tmp_path / "audit.jsonl")
    file.write([START, STOP])
    assert 1 == len(synced)
    file.close()


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a line that was cut short by a full disk, the next event begins on a new line."""
    path = tmp_path / "audit.jsonl"
    file = AuditFile(path)
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:10]))
        with pytest.raises(OSError, match="No space left"):
            file.write([START])
    file.write([STOP])
    file.close()
    torn, whole = path.read_text().splitlines()
    assert (10, "110121") == (len(torn), json.loads(whole)["EventIdentification"]["EventTypeCode"][0]["csd-code"])


@pytest.mark.parametrize(("user", "given"), [(0, [(4711, 4712)]), (4711, [])], ids=["root", "another user"])
def test_made_by_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, given: list[tuple[int, int]]) -> None:
    """A file that root makes belongs to the owner of its folder, whose user runs the gateway; only once."""
    changed, stat_of = list[tuple[int, int]](), Path.stat

    def stat_as_of_another(path: Path) -> os.stat_result:
        found = list(stat_of(path))
        found[stat.ST_UID], found[stat.ST_GID] = 4711, 4712
        return os.stat_result(found)

    path = tmp_path / "audit.jsonl"
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "fchown", lambda _, uid, gid: changed.append((uid, gid)))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", stat_as_of_another)
        for _ in range(2):
            open_file(path).close()
    assert given == changed


def test_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that this user may not write is to be given to them; its folder is not the reason."""
    path = tmp_path / "audit.jsonl"
    path.touch()

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied") if path.exists() else FileExistsError

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ConfigError, match=r"Permission denied; give the file to the user of hilum serve \(chown\)"):
        open_file(path)


def test_cannot_be_written(tmp_path: Path) -> None:
    """A file that cannot be made is a ConfigError, before the gateway starts."""
    with pytest.raises(ConfigError, match=r"audit\.file: .*: cannot be written: No such file"):
        open_file(tmp_path / "missing" / "audit.jsonl")
