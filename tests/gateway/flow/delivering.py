"""A spool, a store that remembers what it got, and a dispatcher between them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored
from gateway.flow.dispatch import Dispatcher
from gateway.flow.retry import Backoff
from gateway.flow.settlement import RetryPolicy
from gateway.spool.interface import Plan, Selection, Spool, State
from gateway.spool.settings import SpoolSettings
from gateway.telemetry.metrics import Metrics

AT_ONCE = RetryPolicy(backoff=Backoff(first=0.0, ceiling=0.0), max_own_failures=None)
FEW = RetryPolicy(backoff=Backoff(first=0.0, ceiling=0.0), max_own_failures=3)
HOLDING = RetryPolicy(on_refused="park_key")
SETTINGS = SpoolSettings(min_free_bytes=0)


class Store:
    """Answers by the message's payload; remembers what it got and how much of it at once."""

    name = "store"

    def __init__(self, answer: Callable[[bytes], Outcome] = lambda _: Stored()) -> None:
        self.answer = answer
        self.received: list[bytes] = []
        self.requests: list[list[bytes]] = []
        self.at_once = self.most_at_once = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def deliver(self, message: Message) -> Outcome:
        """Take one message."""
        return (await self.deliver_many([message]))[0]

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take several in one request."""
        payloads = [b"".join([bytes(chunk) async for chunk in each.body.chunks()]) for each in messages]
        self.requests.append(payloads)
        self.received += payloads
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.go_on.wait()
        await asyncio.sleep(0)
        self.at_once -= 1
        return [self.answer(payload) for payload in payloads]

    async def probe(self) -> str | None:
        """Return that the store can be reached."""
        return None


async def put(spool: Spool, payload: bytes, key: str | None = None) -> None:
    """Commit a message."""
    message = Message(payload.decode(), WholeBody(payload), {"listener": "in", "protocol": "mllp"}, {})
    await spool.commit(message, Plan(("store",), key))


@asynccontextmanager
async def dispatching(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Run *dispatcher* until the block ends."""
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until_settled(spool: Spool, count: int) -> dict[State, int]:
    """Wait until *count* messages are in a final state; return how many in which."""
    async with asyncio.timeout(300):
        while True:
            found = {total.state: total.count for total in await spool.totals() if total.count}
            if sum(number for state, number in found.items() if state is not State.WAITING) >= count:
                return found
            await asyncio.sleep(0.01)


def dispatcher(spool: Spool, store: Store, retry_policy: RetryPolicy = AT_ONCE, **options: object) -> Dispatcher:
    """Return a dispatcher with room for four requests."""
    return Dispatcher(spool, store, 4, retry_policy, Metrics().destination("store"), **options)  # type: ignore[arg-type]


def fail(_payload: bytes) -> Outcome:
    """Answer as a destination with a bug does."""
    raise RuntimeError


async def reasons(spool: Spool) -> list[str | None]:
    """Return why the parked messages are parked."""
    return [each.reason for each in (await spool.find(Selection(state=State.PARKED))).records]
