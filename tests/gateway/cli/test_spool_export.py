"""What ``hilum spool export`` writes."""

import os
import stat
from pathlib import Path

import pytest

from gateway.cli import spool_export
from gateway.spool import open_spool
from tests.gateway.cli.operators import Operator
from tests.gateway.spool.spools import SETTINGS, body_files, commit
from tests.gateway.spooled import LARGE, SMALL, Spooled


async def test_export(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A payload is written to a file for its owner alone; the entry stays as it is."""
    before, path = await spooled.records(), tmp_path / "out.hl7"
    assert (0, f"exported: {path}\n".encode(), "") == await operator("export", spooled.parked_large, path)
    assert (LARGE, 0o600) == (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    assert before == await spooled.records()


async def test_export_overwrites_nothing(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A file that exists stays as it is, also at the end of a link."""
    path, link = tmp_path / "out.hl7", tmp_path / "link.hl7"
    path.write_bytes(b"mine")
    link.symlink_to(tmp_path / "nowhere")
    for taken in (path, link):
        assert (2, b"", f"hilum: {taken}: cannot be made: File exists; name a new file") == await operator(
            "export", spooled.parked, taken
        )
    assert (b"mine", False) == (path.read_bytes(), (tmp_path / "nowhere").exists())


async def test_export_without_room(
    spooled: Spooled, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves no partial file."""

    def full(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "out.hl7"
    status, _, err = await operator("export", spooled.parked, path)
    assert (2, f"hilum: {path}: cannot be written: No space left on device; make room or name another") == (status, err)
    assert not path.exists()


async def test_a_selection(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """Each payload is a file of its own, named by its entry, for its owner alone; the entries stay as they are."""
    before, folder = await spooled.records(), tmp_path / "out"
    line = f"exported: 2 files, {len(SMALL) + len(LARGE)} octets, into {folder}\n".encode()
    assert (0, line, "") == await operator("export", "--into", folder, "--destination", "store")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {f"{spooled.parked}.hl7": SMALL, f"{spooled.parked_large}.hl7": LARGE} == files
    assert {0o700, 0o600} == {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert before == await spooled.records()


SELECTIONS: dict[str, list[str]] = {
    "all that is not decided": ["--all"],
    "a state": ["--state", "waiting"],
    "a control ID": ["--control-id", "C-m1"],
    "a reason": ["--reason-like", "refused"],
}


@pytest.mark.parametrize("words", SELECTIONS.values(), ids=SELECTIONS)
async def test_selections(spooled: Spooled, operator: Operator, tmp_path: Path, words: list[str]) -> None:
    """What waits and what is parked is meant, unless more is said."""
    parked, large, waiting = spooled.parked, spooled.parked_large, spooled.waiting
    expected = {"--all": {parked, large, waiting}, "--state": {waiting}, "--control-id": {parked}}
    assert 0 == (await operator("export", "--into", tmp_path / "out", *words))[0]
    assert expected.get(words[0], {parked, large}) == {path.stem for path in (tmp_path / "out").iterdir()}


async def test_in_steps(spooled: Spooled, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are read at once, none is left out."""
    monkeypatch.setattr(spool_export, "STEP", 1)
    assert 0 == (await operator("export", "--into", tmp_path / "out", "--all"))[0]
    assert 3 == len(list((tmp_path / "out").iterdir()))


async def test_what_cannot_be_exported(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """What is damaged, is gone or has a file already is counted and left out; the exit status says so."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / f"{spooled.parked}.hl7").write_bytes(b"mine")
    (file,) = body_files(tmp_path)
    file.write_bytes(LARGE[:-1] + b"X")
    ids = (spooled.parked, spooled.parked_large, spooled.delivered, spooled.waiting)
    status, out, err = await operator("export", *ids, "--into", folder)
    assert (1, "hilum: not all were exported") == (status, err)
    assert [
        f"exported: 1 files, {len(SMALL)} octets, into {folder}",
        "left out: 1, because their messages are delivered or discarded",
        "left out: 1, because their payloads are damaged; see `hilum spool verify`",
        "left out: 1, because a file of that name exists",
    ] == out.decode().splitlines()
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {f"{spooled.parked}.hl7": b"mine", f"{spooled.waiting}.hl7": SMALL} == files


async def test_a_full_disk(
    spooled: Spooled, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command ends with the path and the correction, and leaves no partial file."""

    def full(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    status, out, err = await operator("export", "--into", tmp_path / "out", "--all")
    paths = [tmp_path / "out" / f"{each}.hl7" for each in (spooled.parked, spooled.parked_large, spooled.waiting)]
    assert (2, b"") == (status, out)
    assert err in {
        f"hilum: {path}: cannot be written: No space left on device; make room or name another" for path in paths
    }
    assert [] == list((tmp_path / "out").iterdir())


async def test_a_large_payload(
    spooled: Spooled, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too large for the memory goes to its file piece by piece."""
    monkeypatch.setattr(spool_export, "MOST_IN_MEMORY", 0)
    assert 0 == (await operator("export", spooled.parked_large, "--into", tmp_path / "out"))[0]
    assert LARGE == (tmp_path / "out" / f"{spooled.parked_large}.hl7").read_bytes()


async def test_without_a_gateway(tmp_path: Path, operator: Operator) -> None:
    """It works on what a stopped gateway has left, and on what a key has sealed."""
    operator.give_key()
    settings = SETTINGS.model_copy(update={"key_file": tmp_path / "key"})
    async with open_spool(tmp_path, settings) as spool:
        await commit(spool, LARGE)
    assert 0 == (await operator("export", "--into", tmp_path / "out", "--all"))[0]
    (file,) = (tmp_path / "out").iterdir()
    assert LARGE == file.read_bytes()


@pytest.mark.parametrize("words", [["--all", "--into"], []], ids=["many", "one"])
async def test_killed_in_the_middle(
    spooled: Spooled, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """No file has its name before it is whole: whoever kills the command finds no partial payload under it."""
    seen, sync, out = list[Path](), os.fsync, tmp_path / "out"
    out.mkdir()

    def fsync(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    where: list[str | Path] = [*words, out] if words else [spooled.parked_large, out / "one.dcm"]
    assert 0 == (await operator("export", *where))[0]
    assert {".part"} == {path.suffix for path in seen if path.parent == out}
