"""A subscription, against an odd and hostile Pub/Sub."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from adapters.events.pubsub.subscription import SMALL, Subscription
from gateway.telemetry.metrics import Metrics
from tests.adapters.events.cloud import SUBSCRIPTION
from tests.adapters.events.scripted import Answer, Scripted, client_of, scripted
from tests.waiting import until


@asynccontextmanager
async def subscribed(answer: Answer) -> AsyncIterator[tuple[Scripted, Subscription, list[str]]]:
    """Run the tasks of a subscription at a server; yield the names that were told, which grow."""
    told: list[str] = []
    async with scripted(answer) as server, client_of(server.url) as client:
        meter = Metrics().sources.of("from-cloud")
        subscription = Subscription("from-cloud", f"{server.url}/v1/{SUBSCRIPTION}", client, meter, told.append)
        tasks = [asyncio.create_task(each()) for each in (subscription.pull, subscription.keep)]
        try:
            yield server, subscription, told
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


def received(ack_id: str, name: str) -> dict[str, object]:
    """Return a message of a reply to a pull."""
    return {"ackId": ack_id, "message": {"data": base64.b64encode(name.encode()).decode()}}


def pulling(*replies: object) -> Answer:
    """Return an answer: *replies* to the first pulls, then nothing; `{}` to all else."""
    left = list(replies)

    def answer(request: object, _: bytes) -> object:
        if getattr(request, "path", "").endswith(":pull"):
            return left.pop(0) if left else None
        return {}

    return answer


def asked(server: Scripted, method: str) -> list[dict[str, object]]:
    """Return the bodies of the requests of one method."""
    return [json.loads(body) for path, body in server.requests if path.endswith(f":{method}")]


async def test_told_and_acknowledged() -> None:
    """What is pulled is told; what is settled is acknowledged, in one request, and nothing else is."""
    answer = pulling({"receivedMessages": [received("1", "a"), received("2", "b"), received("3", "a")]}, {})
    async with subscribed(answer) as (server, subscription, told):
        await until(lambda: len(told) == 3)
        assert [] == asked(server, "acknowledge")
        subscription.settled(["a"])
        await until(lambda: bool(asked(server, "acknowledge")))
        assert [{"ackIds": ["1", "3"]}] == asked(server, "acknowledge")
    assert ["a", "b", "a"] == told


async def test_large_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large reply is read outside of the event loop; a small one takes no thread."""
    threads: list[str] = []
    to_thread = asyncio.to_thread

    async def noted(read: Callable[[], object]) -> object:
        threads.append("one")
        return await to_thread(read)

    monkeypatch.setattr(asyncio, "to_thread", noted)
    large = {**received("2", "b"), "note": "x" * SMALL}
    answer = pulling({"receivedMessages": [received("1", "a")]}, {"receivedMessages": [large]})
    async with subscribed(answer) as (_, __, told):
        await until(lambda: told == ["a", "b"])
    assert ["one"] == threads


async def test_extended() -> None:
    """The deadline of what is not settled is extended; a deadline of 0, a NACK, is never asked for."""
    async with subscribed(pulling({"receivedMessages": [received("1", "a")]})) as (server, subscription, told):
        subscription.leases.ack_seconds = 0.3
        await until(lambda: bool(told))
        await until(lambda: bool(asked(server, "modifyAckDeadline")))
        assert {"ackIds": ["1"], "ackDeadlineSeconds": 60} == asked(server, "modifyAckDeadline")[0]


FAILURES: dict[str, object] = {
    "an error": 503,
    "no JSON": b"<html>DOE^JANE</html>",
    "a bomb": b"[" * 500_000,
    "an endless reply": b'{"x": "' + b"y" * 3_000_000,
    "not permitted": 403,
    "no list": {"receivedMessages": 5},
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_failures(failure: object) -> None:
    """After a failure it is pulled again, one message at first; the log says why, without payload."""
    with capture_logs() as logs:
        async with subscribed(pulling(failure, {"receivedMessages": [received("1", "a")]})) as (server, _, told):
            await until(lambda: told == ["a"])
            assert [100, 1] == [each["maxMessages"] for each in asked(server, "pull")[:2]]
    (failed,) = [each for each in logs if each["event"] == "subscription_failed"]
    assert ("pull", 1, False) == (failed["request"], failed["times"], "DOE" in failed["reason"])


async def test_acknowledgement_fails() -> None:
    """An acknowledgement that fails is sent again."""
    failures = [500, 500]
    pulls = pulling({"receivedMessages": [received("1", "a")]})

    def answer(request: object, body: bytes) -> object:
        if getattr(request, "path", "").endswith(":acknowledge") and failures:
            return failures.pop()
        return pulls(request, body)  # type: ignore[arg-type]

    async with subscribed(answer) as (server, subscription, told):
        await until(lambda: bool(told))
        subscription.settled(["a"])
        await until(lambda: not subscription.leases.settled)
        assert [{"ackIds": ["1"]}] * 3 == asked(server, "acknowledge")


async def test_full() -> None:
    """While as many notifications are held as may be, no more are pulled; then it goes on."""
    answer = pulling({"receivedMessages": [received("1", "a")]}, {"receivedMessages": [received("2", "b")]})
    async with subscribed(answer) as (server, subscription, told):
        subscription.leases._most = 1
        await until(lambda: bool(told))
        subscription.settled(["a"])
        await until(lambda: told == ["a", "b"])
        assert {1, 100} >= {each["maxMessages"] for each in asked(server, "pull")[1:]}


TERMS: dict[str, tuple[object, Callable[[object], bool]]] = {
    "there": ({"ackDeadlineSeconds": 30}, lambda terms: terms is not None),
    "not permitted": (403, lambda terms: terms is None),
    "no JSON": (b"x", lambda terms: terms is None),
}


@pytest.mark.parametrize(("answer", "is_right"), TERMS.values(), ids=TERMS)
async def test_terms(answer: object, is_right: Callable[[object], bool]) -> None:
    """The settings of the subscription are asked for; without them it goes on."""
    async with scripted(lambda *_: answer) as server, client_of(server.url) as client:
        meter = Metrics().sources.of("from-cloud")
        subscription = Subscription("from-cloud", f"{server.url}/v1/{SUBSCRIPTION}", client, meter, lambda _: None)
        assert is_right(await subscription.terms())


@pytest.mark.parametrize("status", [400, 404, 409, 412])
async def test_acknowledgement_refused_for_good(status: int) -> None:
    """Ack IDs that Pub/Sub does not take are dropped, and those that are settled later are acknowledged."""
    pulls = pulling({"receivedMessages": [received("1", "a"), received("2", "b")]})

    def answer(request: object, body: bytes) -> object:
        is_refused = getattr(request, "path", "").endswith(":acknowledge") and b'"1"' in body
        return status if is_refused else pulls(request, body)  # type: ignore[arg-type]

    async with subscribed(answer) as (server, subscription, told):
        await until(lambda: len(told) == 2)
        subscription.settled(["a"])
        await until(lambda: bool(asked(server, "acknowledge")) and not subscription.leases.settled)
        subscription.settled(["b"])
        await until(lambda: len(asked(server, "acknowledge")) == 2 and not subscription.leases.settled)
    assert [["1"], ["2"]] == [each["ackIds"] for each in asked(server, "acknowledge")]


async def test_extension_refused_for_good() -> None:
    """An ack ID whose deadline cannot be extended is held no longer; its notification comes with another one."""

    def answer(request: object, body: bytes) -> object:
        return 400 if getattr(request, "path", "").endswith(":modifyAckDeadline") else pulls(request, body)  # type: ignore[arg-type]

    pulls = pulling({"receivedMessages": [received("1", "a")]})
    async with subscribed(answer) as (server, subscription, told):
        subscription.leases.ack_seconds = 0.3
        await until(lambda: bool(told))
        await until(lambda: not subscription.leases.held("a"))
        assert (1, None) == (len(asked(server, "modifyAckDeadline")), subscription.leases.next_due())


async def test_empty_replies_at_once() -> None:
    """Where Pub/Sub does not wait for a first message, there are pauses between the pulls, which grow."""
    async with subscribed(lambda *_: {}) as (server, _, _told):
        began = asyncio.get_running_loop().time()
        await until(lambda: len(asked(server, "pull")) >= 3)
        assert asyncio.get_running_loop().time() - began >= 1.4


async def test_room_without_acknowledgements() -> None:
    """While acknowledgements fail, no more is pulled than may be held."""
    numbers = iter(range(10**6))

    def answer(request: object, _: bytes) -> object:
        if not getattr(request, "path", "").endswith(":pull"):
            return 503
        return {"receivedMessages": [received(f"{next(numbers)}", "a") for _ in range(10)]}

    async with subscribed(answer) as (_, subscription, told):
        subscription.leases._most = 50
        while len(told) < 50:
            await asyncio.sleep(0.01)
            subscription.settled(["a"])
        await until(lambda: subscription.leases.room == 0)
        assert 50 == len(told)
