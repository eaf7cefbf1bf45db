"""The segments' files."""

from pathlib import Path

from gateway.spool.log.files import (
    DAMAGED,
    RealDisk,
    has_records,
    kept_of,
    make_log_folder,
    next_number,
    path_of,
    segments_of,
)
from gateway.spool.log.records import SEGMENT_HEAD_SIZE


def test_names(tmp_path: Path) -> None:
    """Segments are told from those that are kept, and from other files; no number is used twice."""
    assert ({}, [], 1) == (segments_of(tmp_path), kept_of(tmp_path), next_number(tmp_path))
    make_log_folder(tmp_path)
    for name in ("0000000007", f"{DAMAGED}0000000009", "wanted", "12"):
        (tmp_path / "log" / name).touch()
    assert {7: path_of(tmp_path, 7)} == segments_of(tmp_path)
    assert ([f"{DAMAGED}0000000009"], 10) == ([path.name for path in kept_of(tmp_path)], next_number(tmp_path))


def test_what_holds_records(tmp_path: Path) -> None:
    """A segment with nothing behind its head holds none."""
    make_log_folder(tmp_path)
    path_of(tmp_path, 1).write_bytes(b"h" * SEGMENT_HEAD_SIZE + bytes(100))
    assert not has_records(tmp_path)
    path_of(tmp_path, 2).write_bytes(b"h" * SEGMENT_HEAD_SIZE + b"\xff" + bytes(100))
    assert has_records(tmp_path)


def test_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    """A segment is made of zeros, is written anywhere, and is read by nobody else."""
    disk, path = RealDisk(), tmp_path / "segment"
    descriptor = disk.create(path, 3 * 2**20 + 5)
    disk.write(descriptor, b"abc", 2)
    disk.sync(descriptor)
    disk.close(descriptor)
    assert (b"\0\0abc\0", 3 * 2**20 + 5, 0o600) == (
        path.read_bytes()[:6],
        path.stat().st_size,
        path.stat().st_mode & 0o777,
    )
