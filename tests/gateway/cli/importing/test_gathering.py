"""Instances that are sent at the same time share requests, each with its own outcome."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.rest.dicomweb.settings import DicomwebSettings
from gateway.cli.importing.gathering import INSTANCES, LARGEST, REQUESTS, Gathering, Most, most_of
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored

NOTHING: dict[str, Any] = {"url": "http://127.0.0.1:1/", "kind": "dicomweb"}


class Store:
    """Takes requests, which end when the test says so."""

    name = "store"

    def __init__(self) -> None:
        self.requests: list[list[str]] = []
        self.goes_on = asyncio.Event()

    async def deliver(self, message: Message) -> Outcome:
        """Take one message."""
        return (await self.deliver_many([message]))[0]

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take several messages: of two digits is refused."""
        self.requests.append([each.message_id for each in messages])
        await self.goes_on.wait()
        if any(each.message_id == "broken" for each in messages):
            raise RuntimeError("a mistake of ours")
        return [Refused("no") if len(each.message_id) == 2 else Stored() for each in messages]

    async def probe(self) -> str | None:
        """Answer."""
        return None


def instance(name: str, size: int = 1) -> Message:
    """Return a small instance."""
    return Message(name, WholeBody(bytes(size)), {}, {"sop_instance_uid": name})


async def begun(gathering: Gathering, messages: Sequence[Message]) -> list[asyncio.Task[Outcome]]:
    """Begin to deliver messages, in their order."""
    tasks = [asyncio.create_task(gathering.deliver(each)) for each in messages]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_shared_requests() -> None:
    """The first ones go at once; what comes while they are in progress goes together, up to the limit."""
    store = Store()
    async with Gathering(store, Most(2, 3, 1000)) as gathering:
        first = await begun(gathering, [instance("a")]) + await begun(gathering, [instance("b")])
        assert store.requests == [["a"], ["b"]]
        later = await begun(gathering, [instance(each) for each in ("c", "10", "e", "f")])
        assert len(store.requests) == 2
        store.goes_on.set()
        outcomes = await asyncio.gather(*first, *later)
    assert store.requests[2:] == [["c", "10", "e"], ["f"]]
    assert [isinstance(each, Refused) for each in outcomes] == [False, False, False, True, False, False]


async def test_octets() -> None:
    """A request has no more octets than allowed, but always one instance."""
    store = Store()
    async with Gathering(store, Most(1, 9, 10)) as gathering:
        tasks = await begun(gathering, [instance("a")])
        tasks += await begun(gathering, [instance(each, size) for each, size in (("b", 6), ("c", 4), ("d", 20))])
        store.goes_on.set()
        await asyncio.gather(*tasks)
    assert store.requests == [["a"], ["b", "c"], ["d"]]


async def test_alone() -> None:
    """A large instance, and what is none, shares no request."""
    store = Store()
    store.goes_on.set()
    async with Gathering(store, Most(1, 9, 10**9)) as gathering:
        await gathering.deliver(instance("large", LARGEST + 1))
        await gathering.deliver(Message("text", WholeBody(b"x"), {}, {"control_id": "1"}))
        assert (await gathering.probe(), gathering.name) == (None, "store")
    assert store.requests == [["large"], ["text"]]


async def test_a_mistake_is_everybodys() -> None:
    """An exception reaches all whose messages were in the request, and no other; the next request goes on."""
    store = Store()
    async with Gathering(store, Most(1, 2, 1000)) as gathering:
        tasks = await begun(gathering, [instance("a")])
        tasks += await begun(gathering, [instance("broken"), instance("c"), instance("d")])
        store.goes_on.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(each, RuntimeError) for each in found] == [False, True, True, False]


async def test_end() -> None:
    """At the end nobody waits for an answer, and what was cancelled before is not sent."""
    store = Store()
    async with Gathering(store, Most(1, 5, 1000)) as gathering:
        tasks = await begun(gathering, [instance("a")])
        tasks += await begun(gathering, [instance("b"), instance("c")])
        tasks[1].cancel()
        await asyncio.sleep(0)
    done, waiting = await asyncio.wait(tasks, timeout=5)
    assert (len(done), store.requests) == (2, [["a"]])
    for each in waiting:  # nothing has sent it, and its importer is cancelled with it
        each.cancel()
    await asyncio.wait(tasks)


@pytest.mark.parametrize(
    ("given", "requests", "expected"),
    [
        ({}, 16, Most(REQUESTS, INSTANCES, 64 * 1024 * 1024)),
        ({}, 2, Most(2, INSTANCES, 64 * 1024 * 1024)),
        ({"batch": {"instances": 3, "bytes": 100}}, 16, Most(REQUESTS, 3, 100)),
        ({"batch": {"instances": 1}}, 16, None),
    ],
)
def test_limits(given: dict[str, Any], requests: int, expected: Most | None) -> None:
    """What the settings say counts; a store that takes no batches has no limits for them."""
    assert most_of(DicomwebSettings.model_validate(NOTHING | given), requests) == expected
    assert most_of(object(), requests) is None
