"""One instance: when its verdict is ready, and what it is."""

import asyncio

import pytest

from adapters.dimse.body import IncomingBody
from adapters.dimse.instance import Instance, refusal_of
from adapters.dimse.protocol.command import Request
from adapters.dimse.protocol.exchange import Begin
from adapters.dimse.protocol.negotiation import Context, Policy
from adapters.dimse.protocol.statuses import (
    ANOTHER_INSTANCE,
    NO_UID,
    NOT_SUPPORTED,
    NOT_TAKEN_WHOLE,
    OUR_FAULT,
    Verdict,
)
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from tests.adapters.dimse.fakes import KeepingStore
from tests.adapters.dimse.raw_peer import CT, EXPLICIT

PEER = ("10.0.0.1", 1234)
REQUEST = Request(1, 7, True, CT, "1.2.30")
REFUSALS: dict[str, tuple[Request, Policy, Verdict | None]] = {
    "storage": (REQUEST, Policy(), None),
    "no instance UID": (Request(1, 7, True, CT), Policy(), NO_UID),
    "no class UID": (Request(1, 7, True, "", "1.2.30"), Policy(), NOT_SUPPORTED),
    "a class that is not listed": (REQUEST, Policy(sop_classes={"1.2"}), NOT_SUPPORTED),
    "no storage class": (Request(1, 7, True, "1.2.840.10008.1.1", "1.2.30"), Policy(), NOT_SUPPORTED),
}


@pytest.mark.parametrize(("request_", "policy", "verdict"), REFUSALS.values(), ids=REFUSALS)
def test_refusal(request_: Request, policy: Policy, verdict: Verdict | None) -> None:
    """The command set decides whether an instance is offered to a destination."""
    assert verdict == refusal_of(request_, policy)


def instance() -> Instance:
    """Return an instance of which nothing has come."""
    body = IncomingBody(b"header", 1 << 20, lambda: None, lambda: None)
    return Instance(Begin(REQUEST, Context(CT, EXPLICIT)), body, ("CT1", "HILUM"), "modalities", PEER)


async def test_settle() -> None:
    """The verdict is the store's, when the store has seen the end."""
    arriving, store = instance(), KeepingStore()
    settling = asyncio.create_task(arriving.settle(store, None))
    arriving.body.feed(memoryview(b"data"))
    arriving.finish(1.0)
    assert Verdict("0000") == await settling
    assert {"1.2.30": b"headerdata"} == store.bodies
    assert {"sop_instance_uid": "1.2.30"} == store.messages[0].identifiers


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [(Refused("no", code="A900"), Verdict("A900", "no")), (Stored(), NOT_TAKEN_WHOLE)],
    ids=["refused", "stored without having seen it"],
)
async def test_early_outcome(outcome: Outcome, verdict: Verdict) -> None:
    """An outcome that comes early waits for the data set; a success that comes early does not count as one."""

    async def deliver(_: Message) -> Outcome:
        return outcome

    arriving = instance()
    settling = asyncio.create_task(arriving.settle(deliver, None))
    arriving.body.feed(memoryview(b"da"))
    await asyncio.sleep(0)
    assert not settling.done()
    arriving.body.feed(memoryview(b"ta"))
    arriving.finish(1.0)
    assert verdict == await settling


async def test_refused_without_delivery() -> None:
    """A refused instance is read and dropped, and never offered to a destination."""
    arriving, store = instance(), KeepingStore()
    settling = asyncio.create_task(arriving.settle(store, OUR_FAULT))
    arriving.finish(1.0)
    assert OUR_FAULT == await settling
    assert [] == store.messages


NAMED = b"\x08\x00\x18\x00UI\x06\x00"
OTHERS = {"another": b"1.2.31", "leading zeros": b"1.2.03", "no UID": b"DOE^J."}


@pytest.mark.parametrize("uid", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("is_first", [True, False])
async def test_another_instance_than_the_command_says(uid: bytes, is_first: bool) -> None:
    """The store gets nothing whole, and the peer A900 when it has sent everything."""
    arriving, store = instance(), KeepingStore()
    settling = asyncio.create_task(arriving.settle(store, None))
    if not is_first:
        arriving.feed(memoryview(NAMED[:5]))
        await asyncio.sleep(0)
        arriving.feed(memoryview(NAMED[5:] + uid + bytes(50)))
    else:
        arriving.feed(memoryview(NAMED + uid + bytes(50)))
    await asyncio.sleep(0)
    assert not settling.done()
    arriving.feed(memoryview(bytes(50)))
    arriving.finish(1.0)
    assert ANOTHER_INSTANCE == await settling
    assert {} == store.bodies


async def test_the_instance_that_the_command_says() -> None:
    """It is delivered as it is."""
    arriving, store = instance(), KeepingStore()
    settling = asyncio.create_task(arriving.settle(store, None))
    arriving.feed(memoryview(NAMED + b"1.2.30"))
    arriving.finish(1.0)
    assert Verdict("0000") == await settling
    assert {"1.2.30": b"header" + NAMED + b"1.2.30"} == store.bodies


async def test_another_instance_that_is_given_up() -> None:
    """A peer that leaves before it has sent everything ends the delivery."""
    began = asyncio.Event()

    async def deliver(_: Message) -> Outcome:
        began.set()
        await asyncio.Event().wait()
        return Stored()

    arriving = instance()
    settling = asyncio.create_task(arriving.settle(deliver, None))
    await began.wait()
    arriving.feed(memoryview(NAMED + b"1.2.31"))
    settling.cancel()
    await asyncio.wait([settling])
    assert settling.cancelled()
