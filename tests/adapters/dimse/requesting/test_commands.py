"""``hilum send dicom`` and ``hilum echo`` tell what each instance and the peer got."""

import pytest

from adapters.dimse.requesting.commands import echo, send
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.contract.sending import Address
from tests.adapters.dimse.conftest import Listen
from tests.dicom_files import shipped


@pytest.mark.parametrize(
    ("outcome", "status", "positive"),
    [(Stored(), "0000", True), (Stored(code="B000"), "B000", True), (Refused("no"), "C000", False)],
)
async def test_send(listen: Listen, outcome: Outcome, status: str, positive: bool) -> None:
    """A stored instance is positive, with a warning too; one that is refused is not."""

    async def deliver(message: Message) -> Outcome:
        async for _ in message.body.chunks():
            pass
        return outcome

    listener, path = await listen(deliver), shipped("CT_small.dcm")
    (only,) = [each async for each in send(Address("127.0.0.1", listener.port, "HILUM"), [path])]
    assert (str(path), status, positive) == (only.source, only.answer, only.positive)


async def test_echo(listen: Listen) -> None:
    """A listener that is there answers; a port where nobody is does not."""
    listener = await listen()
    (there,) = [each async for each in echo(Address("127.0.0.1", listener.port, "HILUM"))]
    (absent,) = [each async for each in echo(Address("127.0.0.1", 1, "HILUM"))]
    assert (("0000", True), False) == ((there.answer, there.positive), absent.positive)
