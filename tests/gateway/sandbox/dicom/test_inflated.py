"""Data sets that are read without growing beyond what the store takes."""

import struct
import tracemalloc
from pathlib import Path

import pytest

from gateway.sandbox.dicom import inflated
from gateway.sandbox.dicom.file import Failure, FailureReason, Instance, inspect
from tests.dicom_files import make_deflated

MIB = 1 << 20
PIXELS = b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", 64 * MIB) + bytes(64 * MIB)
BOMBS = {
    "elements": b"".join(struct.pack("<HH2sH", 0x0009, 0x1000 + at, b"LO", 0) for at in range(60_000)),
    "items": b"\x54\x00\x10\x00SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\0\0\0\0" * 1_000_000,
    "sequences in sequences": b"\x54\x00\x10\x00SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 200_000,
}  # fmt: skip


def peak_of(path: Path) -> tuple[Instance | Failure, int]:
    """Return the judgement of *path*, and the octets of memory that it took."""
    tracemalloc.start()
    found = inspect(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found, peak


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bomb: bytes) -> None:
    """A deflated object of more elements than are taken is refused with little memory, and leaves nothing behind."""
    monkeypatch.setattr(inflated, "MAX_READS", 20_000)
    path = tmp_path / "bomb"
    make_deflated(path, bomb)
    found, peak = peak_of(path)
    assert isinstance(found, Failure)
    assert (FailureReason.CANNOT_UNDERSTAND, "1.2.3") == (found.reason, found.sop_uid)
    assert peak < 32 * MIB
    assert [path] == list(tmp_path.iterdir())


def test_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deflated object that inflates to more than is taken is refused with little memory."""
    monkeypatch.setattr(inflated, "MAX_INFLATED", 4 * MIB)
    path = tmp_path / "bomb"
    make_deflated(path, PIXELS)
    found, peak = peak_of(path)
    assert (True, True) == (isinstance(found, Failure), peak < 4 * MIB)


def test_blank_image(tmp_path: Path) -> None:
    """A large blank image is taken, and its pixels are not read into memory."""
    path = tmp_path / "blank"
    make_deflated(path, PIXELS)
    found, peak = peak_of(path)
    assert isinstance(found, Instance)
    assert ("1.2.3", True, True) == (found.sop_uid, "7FE00010" not in found.metadata, peak < 8 * MIB)


def test_element_behind_the_end(tmp_path: Path) -> None:
    """An element of a deflated data set that is longer than what there is of it is cut off."""
    path = tmp_path / "cut"
    make_deflated(path, PIXELS[:1000])
    assert isinstance(inspect(path), Failure)
