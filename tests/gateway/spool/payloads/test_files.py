"""Payload files."""

import os
import random
from pathlib import Path

import pytest

from gateway.spool.interface import PayloadDamaged
from gateway.spool.payloads import files
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.files import PayloadFile, SealedFile, make_folder
from gateway.spool.payloads.seal import Plain, Seal
from tests.gateway.spool.spools import KEY

CHUNK = 16
SEALS: dict[str, Seal] = {"plain": Plain(), "encrypted": Encrypted(KEY)}


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK", CHUNK)


def write(folder: Path, seal: Seal, data: bytes) -> Path:
    """Write a payload file as the intake does."""
    file = PayloadFile(folder, seal)
    full = (len(data) - 1) // CHUNK * CHUNK
    for start in range(0, full, CHUNK):
        file.write(data[start : start + CHUNK])
    file.finish(data[full:])
    return folder / file.name


def read(path: Path, seal: Seal, size: int) -> bytes:
    """Read a payload file to its end."""
    file = SealedFile(path, size, seal)
    try:
        return b"".join(file.read(index) for index in range(-(-size // CHUNK) + 1))
    finally:
        file.close()


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS)
@pytest.mark.parametrize("size", [1, 15, 16, 17, 32, 1000])
def test_read_undoes_write(tmp_path: Path, seal: Seal, size: int) -> None:
    """A payload of any size comes back; only its owner can read the file."""
    data = random.Random(size).randbytes(size)
    path = write(tmp_path, seal, data)
    assert data == read(path, seal, size)
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS)
@pytest.mark.parametrize("change", [-1, 1, -CHUNK, -100], ids=["shorter", "longer", "a chunk less", "empty"])
def test_wrong_length(tmp_path: Path, seal: Seal, change: int) -> None:
    """A file of another length than was written is damaged."""
    path = write(tmp_path, seal, b"x" * 40)
    os.truncate(path, max(0, path.stat().st_size + change))
    with pytest.raises(PayloadDamaged):
        read(path, seal, 40)


def test_swapped_chunks(tmp_path: Path) -> None:
    """Two sealed chunks that have changed places do not open."""
    path = write(tmp_path, SEALS["encrypted"], b"a" * CHUNK + b"b" * CHUNK + b"c")
    content, step, start = path.read_bytes(), CHUNK + 16, 16
    first, second, rest = (
        content[start : start + step],
        content[start + step : start + 2 * step],
        content[start + 2 * step :],
    )
    path.write_bytes(content[:start] + second + first + rest)
    with pytest.raises(PayloadDamaged):
        read(path, SEALS["encrypted"], 2 * CHUNK + 1)


def test_missing(tmp_path: Path) -> None:
    """A file that is gone is damaged."""
    with pytest.raises(PayloadDamaged):
        SealedFile(tmp_path / "nowhere", 1, Plain())


def test_abandon(tmp_path: Path) -> None:
    """Nothing stays of an abandoned file, not even if a write comes after."""
    file = PayloadFile(tmp_path, Plain())
    file.write(b"x" * CHUNK)
    file.abandon()
    file.write(b"y" * CHUNK)
    file.finish(b"z")
    assert [] == list(tmp_path.iterdir())


def test_remove(tmp_path: Path) -> None:
    """A file that cannot be removed, or is gone, is no error: the next opening tries again."""
    files.remove(tmp_path / "nowhere")
    files.remove(tmp_path)
    assert tmp_path.exists()


def test_write_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that takes fewer octets than it was given is gone on with."""
    taken = bytearray()

    def write_three(_descriptor: int, data: memoryview) -> int:
        taken.extend(data[:3])
        return len(data[:3])

    monkeypatch.setattr(os, "write", write_three)
    files.write_all(0, b"0123456789")
    assert b"0123456789" == taken


def test_folders_are_private_and_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new folder is for its owner alone, and the entry in its parent is put on stable storage."""
    synced: list[Path] = []
    monkeypatch.setattr(files, "sync_folder", synced.append)
    make_folder(tmp_path / "a" / "b")
    assert [tmp_path, tmp_path / "a"] == synced
    assert 0o700 == (tmp_path / "a" / "b").stat().st_mode & 0o777
