"""Sending to our own listener: echo, files, folders, and what can go wrong."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from pynetdicom.pdu_primitives import A_ASSOCIATE

from adapters.dimse.sender import Instance, SendResult, _why_not, batches, echo, files_in, read_instance, send
from gateway.message import Message, Outcome, Refused
from tests.adapters.dimse.conftest import Listen
from tests.adapters.dimse.fakes import KeepingStore
from tests.adapters.dimse.raw_peer import CT, EXPLICIT
from tests.dicom_files import data_set, make_series, shipped

HERE = "127.0.0.1"


async def test_echo(listen: Listen) -> None:
    """An echo gives its status."""
    result = await echo("HILUM", HERE, (await listen()).port)
    assert ("0000", "") == (result.status, result.reason)


async def test_echo_rejected(listen: Listen) -> None:
    """A rejected association is a result that says why."""
    result = await echo("OTHER", HERE, (await listen()).port)
    assert (None, "association rejected: called ae title") == (result.status, result.reason)


def test_rejection_that_pynetdicom_has_not_read() -> None:
    """A peer that rejects and hangs up at once has rejected, although pynetdicom says that it aborted."""
    answer = A_ASSOCIATE()
    answer.result, answer.result_source, answer.diagnostic = 1, 1, 7
    association = SimpleNamespace(
        acceptor=SimpleNamespace(primitive=None), dul=SimpleNamespace(peek_next_pdu=lambda: answer)
    )
    assert "association rejected: called ae title" == _why_not(association)


async def test_echo_nobody(listen: Listen) -> None:
    """Nobody there is a result, too."""
    listener = await listen()
    listener.stop_accepting()
    result = await echo("HILUM", HERE, listener.port, timeout=2)
    assert result.status is None
    assert result.reason.startswith("no connection: ")


async def test_send_to_nobody(listen: Listen, tmp_path: Path) -> None:
    """The same of every file."""
    listener = await listen()
    listener.stop_accepting()
    results = [each async for each in send(make_series(tmp_path, 2), "HILUM", HERE, listener.port, timeout=2)]
    assert [None, None] == [each.status for each in results]
    assert all(each.reason.startswith("no connection: ") for each in results)


async def test_send(listen: Listen, store: KeepingStore, tmp_path: Path) -> None:
    """Files and folders are sent as they are, each with its status."""
    folder = tmp_path / "series"
    folder.mkdir()
    series = make_series(folder, 2)
    compressed = shipped("JPEG2000.dcm")
    results = [each async for each in send([compressed, folder], "HILUM", HERE, (await listen()).port)]
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

    (result,) = [each async for each in send(make_series(tmp_path, 1), "HILUM", HERE, (await listen(deliver)).port)]
    assert ("A900", "") == (result.status, result.reason)


async def test_context_not_accepted(listen: Listen, tmp_path: Path) -> None:
    """A file that the peer does not take costs the others nothing."""
    listener = await listen(sop_classes=(CT,))
    files = [shipped("MR_small.dcm"), *make_series(tmp_path, 1)]
    results = [each async for each in send(files, "HILUM", HERE, listener.port)]
    assert [(None, "the peer does not accept its SOP class in its transfer syntax"), ("0000", "")] == [
        (each.status, each.reason) for each in results
    ]


async def test_no_association(listen: Listen, tmp_path: Path) -> None:
    """Without an association every file has the same reason."""
    results = [each async for each in send(make_series(tmp_path, 2), "OTHER", HERE, (await listen()).port)]
    assert [(None, "association rejected: called ae title")] * 2 == [(each.status, each.reason) for each in results]


NOT_SENDABLE = {
    "text": (b"not a DICOM file", "not a DICOM Part 10 file"),
    "nothing": (b"", "not a DICOM Part 10 file"),
    "no group 0002": (bytes(128) + b"DICM", "SOP class, SOP instance or transfer syntax missing in group 0002"),
    "missing": (None, "the file cannot be read"),
}


@pytest.mark.parametrize(("octets", "reason"), NOT_SENDABLE.values(), ids=NOT_SENDABLE)
def test_not_sendable(tmp_path: Path, octets: bytes | None, reason: str) -> None:
    """What cannot be sent says why."""
    path = tmp_path / "file"
    if octets is not None:
        path.write_bytes(octets)
    assert SendResult(path, "", None, reason) == read_instance(path)


def test_files_in(tmp_path: Path) -> None:
    """A folder stands for all files below it, sorted."""
    for name in ("b", "a/c", "a/d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [Path("x"), tmp_path / "a/c", tmp_path / "a/d", tmp_path / "b"] == list(files_in([Path("x"), tmp_path]))


def test_batches() -> None:
    """More than 128 kinds of instances need a second association."""
    instances = [Instance(Path(str(n)), f"1.2.{n % 130}", "1.2", EXPLICIT) for n in range(260)]
    runs = batches(instances)
    assert instances == [instance for run in runs for instance in run]
    assert 128 >= max(len({instance.syntaxes for instance in run}) for run in runs)
    assert [] == batches([])
