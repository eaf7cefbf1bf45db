"""The results that ``hilum send dicom`` and ``hilum echo`` print."""

import shutil
from pathlib import Path

import pytest

from adapters.dimse.requesting.commands import echo, send
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.contract.sending import NO_ANSWER, SKIPPED, Address
from tests.adapters.dimse.conftest import Listen
from tests.dicom_files import shipped
from tests.ports import free_port


@pytest.mark.parametrize(
    ("outcome", "status", "positive"),
    [(Stored(), "0000", True), (Stored(code="B000"), "B000", True), (Refused("no"), "C000", False)],
)
async def test_send(listen: Listen, outcome: Outcome, status: str, positive: bool) -> None:
    """A stored instance is positive, also with a warning; a refused one is not."""

    async def deliver(message: Message) -> Outcome:
        async for _ in message.body.chunks():
            pass
        return outcome

    listener, path = await listen(deliver), shipped("CT_small.dcm")
    (only,) = [each async for each in send(Address("127.0.0.1", listener.port, "HILUM"), [path])]
    assert (str(path), status, positive) == (only.source, only.answer, only.positive)


async def test_details(listen: Listen, tmp_path: Path) -> None:
    """A status has its name and the Error Comment; what was skipped is positive and says why."""

    async def deliver(message: Message) -> Outcome:
        return Refused("no such ward")

    (tmp_path / "notes.txt").touch()
    shutil.copy(shipped("CT_small.dcm"), tmp_path / "ct.dcm")
    address = Address("127.0.0.1", (await listen(deliver)).port, "HILUM")
    skipped, refused = [each async for each in send(address, [tmp_path])]
    assert (SKIPPED, True, True) == (skipped.answer, skipped.positive, skipped.is_skipped)
    assert ("C000", "Error: cannot understand: no such ward") == (refused.answer, refused.detail)


async def test_no_answer() -> None:
    """Without a status the reason is in the column for the name of the status."""
    (only,) = [each async for each in echo(Address("127.0.0.1", free_port(), "HILUM"))]
    assert (NO_ANSWER, "no connection: connection refused") == (only.answer, only.detail)


async def test_echo(listen: Listen) -> None:
    """A listener answers; a closed port does not."""
    listener = await listen()
    (there,) = [each async for each in echo(Address("127.0.0.1", listener.port, "HILUM"))]
    (absent,) = [each async for each in echo(Address("127.0.0.1", 1, "HILUM"))]
    assert (("0000", True), False) == ((there.answer, there.positive), absent.positive)
