"""Files that are to be sent."""

import errno
import os
import shutil
import struct
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from adapters.dimse.requesting import files
from adapters.dimse.requesting.files import (
    ABSENT,
    DAMAGED,
    DIRECTORY,
    INCOMPLETE,
    LINKED_FOLDER,
    NO_FILE,
    Instance,
    NotSendable,
    batches,
    files_in,
    read_instance,
)
from tests.adapters.dimse.raw_peer import CT, EXPLICIT
from tests.dicom_files import DEFLATED, data_set, make_deflated, make_series, shipped

NOT_SENDABLE = {
    "text": (b"not a DICOM file", "not a DICOM Part 10 file"),
    "nothing": (b"", "not a DICOM Part 10 file"),
    "no group 0002": (bytes(128) + b"DICM", "SOP class, SOP instance or transfer syntax missing"),
    "missing": (None, "no such file or folder"),
}


@pytest.mark.parametrize(("octets", "reason"), NOT_SENDABLE.values(), ids=NOT_SENDABLE)
def test_not_sendable(tmp_path: Path, octets: bytes | None, reason: str) -> None:
    """What cannot be sent says why."""
    path = tmp_path / "file"
    if octets is not None:
        path.write_bytes(octets)
    assert NotSendable(path, reason) == read_instance(path)


BOMBS = {
    "pixels behind the names": b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", 64 << 20) + bytes(64 << 20),
    "elements behind the names": b"\x09\x00\x10\x00LO\0\0" * 1_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_deflated_bomb(tmp_path: Path, bomb: bytes) -> None:
    """A deflated file is inflated only as far as its SOP UIDs."""
    path = tmp_path / "bomb"
    make_deflated(path, bomb)
    tracemalloc.start()
    found = read_instance(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Instance)
    assert (True, "1.2.3", DEFLATED) == (peak < 8 << 20, found.sop_instance_uid, found.transfer_syntax_uid)


def test_deflated_names(tmp_path: Path) -> None:
    """The UIDs of a deflated file come from its data set; a file that cannot be inflated is not sent."""
    path = tmp_path / "deflated"
    shutil.copy(shipped("image_dfl.dcm"), path)
    true = dcmread(path, stop_before_pixels=True)
    edited(path, MediaStorageSOPInstanceUID="1.2.3.4")
    found = read_instance(path)
    assert isinstance(found, Instance)
    assert true.SOPInstanceUID == found.sop_instance_uid
    path.write_bytes(path.read_bytes()[: found.offset] + b"\xff" * 100)
    assert NotSendable(path, DAMAGED) == read_instance(path)


async def test_data_set_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data set is complete, however many reads it takes."""
    (path,) = make_series(tmp_path, 1)
    monkeypatch.setattr(files, "AT_ONCE", 1000)
    instance = read_instance(path)
    assert isinstance(instance, Instance)
    file, pieces = await files.open_data_set(instance)
    with file:
        found = [piece async for piece in pieces]
    assert data_set(path.read_bytes()) == b"".join(found)
    assert {1000} == {len(piece) for piece in found[:-1]}


def test_files_in(tmp_path: Path) -> None:
    """A folder is replaced by all files below it, sorted; what does not exist says so."""
    for name in ("b", "a/c", "a/d", "a/e/f", "a-b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    below = [tmp_path / name for name in ("a/c", "a/d", "a/e/f", "a-b", "b")]
    assert [NotSendable(Path("x"), ABSENT), *below] == list(files_in([Path("x"), tmp_path]))


def test_what_is_no_file(tmp_path: Path) -> None:
    """Nothing in a folder is left out in silence: no pipe, no broken link, no link to a folder."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    links = {"broken": "nowhere", "file": "folder/file", "up": "."}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    assert [
        NotSendable(tmp_path / "broken", ABSENT),
        tmp_path / "file",
        tmp_path / "folder/file",
        NotSendable(tmp_path / "pipe", NO_FILE),
        NotSendable(tmp_path / "up", LINKED_FOLDER),
    ] == list(files_in([tmp_path]))
    assert tmp_path / "up/file" in files_in([tmp_path / "up"])


@pytest.fixture
def forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a file, of which this user may read nothing; root, who runs many tests, could read it."""
    folder = tmp_path / "forbidden"
    folder.mkdir()
    (folder / "file").touch()
    look, read = Path.stat, Path.iterdir

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if folder in path.parents:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, follow_symlinks=follow_symlinks)

    def iterdir(path: Path) -> Iterator[Path]:
        if folder in (path, *path.parents):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(Path, "iterdir", iterdir)
    return folder


@pytest.mark.parametrize("named", ["", "forbidden"])
def test_folder_that_cannot_be_read(forbidden: Path, named: str) -> None:
    """A folder that cannot be read says so, and the files around it are found."""
    beside = forbidden.parent / "z"
    beside.touch()
    found = list(files_in([forbidden.parent / named, beside]))
    assert NotSendable(forbidden, "the folder cannot be read: permission denied") == found[0]
    assert beside == found[-1]


def test_file_in_a_folder_that_cannot_be_read(forbidden: Path) -> None:
    """A file that is named says so, too."""
    denied = NotSendable(forbidden / "file", "the file cannot be read: permission denied")
    assert [denied] == list(files_in([forbidden / "file"]))


def test_batches() -> None:
    """More than 128 kinds of instances need a second association."""
    instances = [Instance(Path(str(n)), f"1.2.{n % 130}", "1.2", EXPLICIT) for n in range(260)]
    runs = batches(instances)
    assert instances == [instance for run in runs for instance in run]
    assert 128 >= max(len({instance.syntaxes for instance in run}) for run in runs)
    assert [] == batches([])


def edited(path: Path, **values: str) -> tuple[str, str]:
    """Write *path* anew, with names in File Meta (M...) or data set changed; return its true class and instance."""
    instance = dcmread(path)
    for name, value in values.items():
        target: Dataset = instance.file_meta if name.startswith("Media") else instance
        if value:
            setattr(target, name, value)
        else:
            delattr(target, name)
    instance.save_as(path, enforce_file_format=False)
    return str(instance.get("SOPClassUID", "")), str(instance.get("SOPInstanceUID", ""))


NAMES = {
    "both the same": ({}, None),
    "another instance in File Meta": ({"MediaStorageSOPInstanceUID": "1.2.3"}, None),
    "another class in File Meta": ({"MediaStorageSOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, None),
    "no instance in File Meta": ({"MediaStorageSOPInstanceUID": ""}, None),
    "no instance in the data set": ({"SOPInstanceUID": "", "MediaStorageSOPInstanceUID": "1.2.3"}, (CT, "1.2.3")),
    "no class in the data set": ({"SOPClassUID": "", "SOPInstanceUID": "1.2.3"}, (CT, "1.2.3")),
}


@pytest.mark.parametrize(("values", "names"), NAMES.values(), ids=NAMES)
def test_names(tmp_path: Path, values: dict[str, str], names: tuple[str, str] | None) -> None:
    """The UIDs come from the data set, and from File Meta Information only if the data set has none."""
    (path,) = make_series(tmp_path, 1)
    true = edited(path, **values)
    read = read_instance(path)
    assert isinstance(read, Instance)
    assert (names or true) == (read.sop_class_uid, read.sop_instance_uid)
    assert data_set(path.read_bytes()) == path.read_bytes()[read.offset :]


def test_a_text_for_a_uid(tmp_path: Path) -> None:
    """An invalid UID is not sent."""
    (path,) = make_series(tmp_path, 1)
    uid = read_instance(path)
    assert isinstance(uid, Instance)
    path.write_bytes(
        path.read_bytes().replace(uid.sop_instance_uid.encode(), b"DOE^JOHN".ljust(len(uid.sop_instance_uid)))
    )
    assert NotSendable(path, INCOMPLETE) == read_instance(path)


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "MR_small_bigendian.dcm", "image_dfl.dcm", "rtplan.dcm"])
def test_transfer_syntaxes(name: str) -> None:
    """The data set is found in any transfer syntax, implicit, big endian and deflated ones among them."""
    path = shipped(name)
    read = read_instance(path)
    assert isinstance(read, Instance)
    assert data_set(path.read_bytes()) == path.read_bytes()[read.offset :]


def test_dicomdir() -> None:
    """A DICOMDIR is no instance."""
    path = Path(str(get_testdata_file("DICOMDIR", download=False)))
    assert NotSendable(path, DIRECTORY) == read_instance(path)
