"""What the stores keep is the owner's alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.sandbox.server import Sandbox
from tests.dicom_files import shipped
from tests.gateway.sandbox.stow_client import Store


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """Have the process make what everybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(root: Path) -> dict[str, int]:
    """Return what is in *root* and its mode."""
    return {path.name: path.stat().st_mode & 0o777 for path in root.iterdir()}


CLOSED = {"bigquery": 0o700, "buckets": 0o700, "dicom": 0o700, "incoming": 0o700, "sandbox.sqlite3": 0o600,
          "sandbox.sqlite3-shm": 0o600, "sandbox.sqlite3-wal": 0o600}  # fmt: skip


async def test_new_folder(tmp_path: Path) -> None:
    """Folders and files are made for the owner, and so is the folder of the stores itself."""
    async with Sandbox(tmp_path / "data"):
        assert CLOSED == modes(tmp_path / "data")
        assert {"data": 0o700} == modes(tmp_path)


async def test_folder_of_an_older_version(tmp_path: Path) -> None:
    """What was made for everybody is closed."""
    for name in ("data", "data/incoming", "data/dicom"):
        (tmp_path / name).mkdir(0o777)
    (tmp_path / "data/sandbox.sqlite3").touch(0o666)
    async with Sandbox(tmp_path / "data"):
        assert CLOSED == modes(tmp_path / "data")
        assert {"data": 0o700} == modes(tmp_path)


async def test_folder_of_somebody_else(tmp_path: Path) -> None:
    """A folder that holds other things is not closed; what the stores put into it is."""
    (tmp_path / "notes").touch(0o666)
    tmp_path.chmod(0o755)
    async with Sandbox(tmp_path):
        assert {**CLOSED, "notes": 0o666} == modes(tmp_path)
        assert 0o755 == tmp_path.stat().st_mode & 0o777


async def test_instance(sandbox: Sandbox, store: Store, tmp_path: Path) -> None:
    """A stored file is the owner's."""
    await store(shipped("CT_small.dcm").read_bytes())
    (file,) = (tmp_path / "data").rglob("*.dcm")
    assert 0o600 == file.stat().st_mode & 0o777
