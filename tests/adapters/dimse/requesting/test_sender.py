"""Sending to our own listener: echo, files, folders, and what can go wrong."""

import errno
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from structlog.testing import capture_logs

from adapters.dimse.requesting.sender import echo, send
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.contract.sending import Address, Progress, SendOptions
from tests.adapters.dimse.conftest import Listen
from tests.adapters.dimse.fakes import KeepingStore, until
from tests.adapters.dimse.raw_peer import CT
from tests.dicom_files import data_set, make_series, shipped

HERE = "127.0.0.1"
REJECTED = "association rejected: called AE title not recognized (permanent, by service user; 1/1/7)"


async def test_echo(listen: Listen) -> None:
    """An echo gives its status."""
    result = await echo(Address(HERE, (await listen()).port, "HILUM"))
    assert ("0000", "") == (result.status, result.reason)


async def test_echo_rejected(listen: Listen) -> None:
    """A rejected association is a result that says why."""
    result = await echo(Address(HERE, (await listen()).port, "OTHER"))
    assert (None, REJECTED) == (result.status, result.reason)


async def test_echo_nobody(listen: Listen) -> None:
    """Nobody there is a result, too."""
    listener = await listen()
    listener.stop_accepting()
    result = await echo(Address(HERE, listener.port, "HILUM"), SendOptions(timeout=2))
    assert result.status is None
    assert result.reason.startswith("no connection: ")


async def test_send_to_nobody(listen: Listen, tmp_path: Path) -> None:
    """The same of every file."""
    listener = await listen()
    listener.stop_accepting()
    results = [
        each
        async for each in send(Address(HERE, listener.port, "HILUM"), make_series(tmp_path, 2), SendOptions(timeout=2))
    ]
    assert [None, None] == [each.status for each in results]
    assert all(each.reason.startswith("no connection: ") for each in results)


async def test_send(listen: Listen, store: KeepingStore, tmp_path: Path) -> None:
    """Files and folders are sent as they are, each with its status."""
    folder = tmp_path / "series"
    folder.mkdir()
    series = make_series(folder, 2)
    compressed = shipped("JPEG2000.dcm")
    results = [each async for each in send(Address(HERE, (await listen()).port, "HILUM"), [compressed, folder])]
    assert [(compressed, "0000"), (series[0], "0000"), (series[1], "0000")] == [
        (each.path, each.status) for each in results
    ]
    assert [data_set(each.path.read_bytes()) for each in results] == [
        data_set(store.bodies[each.sop_instance_uid]) for each in results
    ]


async def test_send_refused(listen: Listen, tmp_path: Path) -> None:
    """A status other than success is told as it came."""

    async def deliver(message: Message) -> Outcome:
        return Refused("no", code="A900")

    (result,) = [
        each async for each in send(Address(HERE, (await listen(deliver)).port, "HILUM"), make_series(tmp_path, 1))
    ]
    assert ("A900", "") == (result.status, result.reason)


async def test_context_not_accepted(listen: Listen, tmp_path: Path) -> None:
    """A file that the peer refuses does not affect the others."""
    listener = await listen(sop_classes=(CT,))
    files = [shipped("MR_small.dcm"), *make_series(tmp_path, 1)]
    results = [each async for each in send(Address(HERE, listener.port, "HILUM"), files)]
    reason = "the peer does not accept MR Image Storage / Explicit VR Little Endian "
    reason += "(result 3: abstract syntax not supported)"
    assert [(None, reason), ("0000", "")] == [(each.status, each.reason) for each in results]


async def test_no_association(listen: Listen, tmp_path: Path) -> None:
    """Without an association every file has the same reason."""
    results = [each async for each in send(Address(HERE, (await listen()).port, "OTHER"), make_series(tmp_path, 2))]
    assert [(None, REJECTED)] * 2 == [(each.status, each.reason) for each in results]


async def test_the_file_is_gone(listen: Listen, tmp_path: Path) -> None:
    """A file that can no longer be opened does not affect the others."""
    first, second = make_series(tmp_path, 2)
    results = send(Address(HERE, (await listen(Deleting(second))).port, "HILUM"), [first, second])
    assert [("0000", ""), (None, "the file cannot be read")] == [(each.status, each.reason) async for each in results]


class Deleting:
    """A store that deletes a file when it gets an instance."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, message: Message) -> Outcome:
        """Take everything."""
        async for _ in message.body.chunks():
            pass
        self._path.unlink()
        return Stored()


class FailingFile(io.FileIO):
    """A file whose second half is on a damaged part of the medium."""

    def read(self, size: int | None = -1) -> bytes:
        """Read, or fail as the kernel does."""
        if self.tell() > 1 << 20:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(-1 if size is None else size) or b""


async def test_unreadable_in_the_middle(
    listen: Listen, store: KeepingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the file that cannot be read completely fails; the files after it use another association."""
    files = make_series(tmp_path, 4, rows=1024, columns=1100)
    open_file = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, *mode: FailingFile(path) if path in files[1:3] else open_file(path, *mode)
    )
    results = [each async for each in send(Address(HERE, (await listen()).port, "HILUM"), files)]
    assert [("0000", ""), (None, "the file cannot be read"), (None, "the file cannot be read"), ("0000", "")] == [
        (each.status, each.reason) for each in results
    ]
    assert {results[0].sop_instance_uid, results[3].sop_instance_uid} == set(store.bodies)


async def test_uid_of_the_data_set(listen: Listen, store: KeepingStore, tmp_path: Path) -> None:
    """Where File Meta Information names another instance, the C-STORE-RQ names that of the data set."""
    (path,) = make_series(tmp_path, 1)
    instance = dcmread(path)
    uid = str(instance.SOPInstanceUID)
    octets = path.read_bytes()
    path.write_bytes(octets.replace(uid.encode(), _other(uid).encode(), 1))
    (result,) = [each async for each in send(Address(HERE, (await listen()).port, "HILUM"), [path])]
    assert ("0000", uid) == (result.status, result.sop_instance_uid)
    assert data_set(octets) == data_set(store.bodies[uid])


def _other(uid: str) -> str:
    return uid[:-1] + str((int(uid[-1]) + 1) % 10)


DICOMDIR = get_testdata_file("DICOMDIR", download=False)


async def test_dicomdir_in_a_folder(listen: Listen, store: KeepingStore, tmp_path: Path) -> None:
    """The DICOMDIR in a folder is skipped and reported, and is not a failure."""
    make_series(tmp_path, 1)
    (tmp_path / "DICOMDIR").write_bytes(Path(str(DICOMDIR)).read_bytes())
    results = [each async for each in send(Address(HERE, (await listen()).port, "HILUM"), [tmp_path])]
    assert [("DICOMDIR", None, True), ("0001.dcm", "0000", False)] == [
        (each.path.name, each.status, each.is_left_out) for each in results
    ]
    assert 1 == len(store.bodies)


async def test_what_is_no_dicom_in_a_folder(listen: Listen, tmp_path: Path) -> None:
    """Other files in a folder are skipped and reported; a damaged DICOM file is a failure."""
    (good,) = make_series(tmp_path, 1)
    notes, damaged = tmp_path / "notes.txt", tmp_path / "damaged.dcm"
    notes.write_text("not an image")
    damaged.write_bytes(good.read_bytes()[:140])
    address = Address(HERE, (await listen()).port, "HILUM")
    found = {each.path: (each.status, each.reason, each.is_left_out) async for each in send(address, [tmp_path])}
    assert {
        good: ("0000", "", False),
        notes: (None, "not a DICOM Part 10 file", True),
        damaged: (None, "SOP class, SOP instance or transfer syntax missing", False),
    } == found


async def test_what_is_no_dicom_by_name(tmp_path: Path) -> None:
    """A file that was named and is no DICOM is a failure."""
    notes = tmp_path / "notes.txt"
    notes.write_text("not an image")
    (result,) = [each async for each in send(Address(HERE, 1, "HILUM"), [notes])]
    assert (None, "not a DICOM Part 10 file", False) == (result.status, result.reason, result.is_left_out)


async def test_folder_that_cannot_be_read(listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder below the named one that cannot be read is a failure; the rest is sent."""
    (good,) = make_series(tmp_path, 1)
    (locked := tmp_path / "locked").mkdir()
    read = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path == locked:
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    address = Address(HERE, (await listen()).port, "HILUM")
    found = {each.path: (each.status, each.reason, each.is_left_out) async for each in send(address, [tmp_path])}
    denied = (None, "the folder cannot be read: permission denied", False)
    assert {good: ("0000", "", False), locked: denied} == found


async def test_progress(listen: Listen, tmp_path: Path) -> None:
    """Progress reports the current activity and the number of expected answers."""
    told: list[Progress] = []
    address = Address(HERE, (await listen()).port, "HILUM")
    async for _ in send(address, make_series(tmp_path, 2), SendOptions(tell=told.append)):
        pass
    assert [Progress("reading files", 0), Progress("sending", total=2)] == told


async def test_title_and_pdu(listen: Listen, store: KeepingStore, tmp_path: Path) -> None:
    """The peer learns our title, and the longest PDU that we take."""
    listener = await listen()
    options = SendOptions(calling_ae_title="CT 1", max_pdu=4096)
    (path,) = make_series(tmp_path, 1)
    with capture_logs() as lines:
        (result,) = [each async for each in send(Address(HERE, listener.port, "HILUM"), [path], options)]
        await until(lambda: not listener.tasks)
    assert "0000" == result.status
    assert data_set(path.read_bytes()) == data_set(store.bodies[result.sop_instance_uid])
    assert ["CT 1"] == [line["calling_ae_title"] for line in lines if line["event"] == "association_accepted"]


async def test_comment(listen: Listen, tmp_path: Path) -> None:
    """What the peer says of its status is told."""

    async def deliver(message: Message) -> Outcome:
        return Refused("no such ward", code="A900")

    address = Address(HERE, (await listen(deliver)).port, "HILUM")
    (result,) = [each async for each in send(address, make_series(tmp_path, 1))]
    assert ("A900", "no such ward") == (result.status, result.comment)


async def test_dicomdir_by_name(tmp_path: Path) -> None:
    """A DICOMDIR that was named is reported as not sent, without a connection."""
    path = tmp_path / "DICOMDIR"
    path.write_bytes(Path(str(DICOMDIR)).read_bytes())
    (result,) = [each async for each in send(Address(HERE, 1, "HILUM"), [path])]
    assert (None, "not sent: a DICOMDIR is an index, not an instance", False) == (
        result.status,
        result.reason,
        result.is_left_out,
    )


async def test_one_connection(listen: Listen, tmp_path: Path) -> None:
    """There is no empty connection beside the association: some servers end when they get one."""
    listener = await listen()
    with capture_logs() as lines:
        await echo(Address(HERE, listener.port, "HILUM"))
        results = [each async for each in send(Address(HERE, listener.port, "HILUM"), make_series(tmp_path, 3))]
        await until(lambda: not listener.tasks)
    assert ["0000"] * 3 == [each.status for each in results]
    assert 2 == [line["event"] for line in lines].count("connection_opened")


@pytest.mark.parametrize("max_pdu", [4096, 16384, 131072])
async def test_large(listen: Listen, store: KeepingStore, tmp_path: Path, max_pdu: int) -> None:
    """A file of many PDUs arrives as it is, in PDUs that the peer takes."""
    path = make_series(tmp_path, 1, rows=1024, columns=1100)[0]
    (result,) = [each async for each in send(Address(HERE, (await listen(max_pdu=max_pdu)).port, "HILUM"), [path])]
    assert "0000" == result.status
    assert data_set(path.read_bytes()) == data_set(store.bodies[result.sop_instance_uid])
