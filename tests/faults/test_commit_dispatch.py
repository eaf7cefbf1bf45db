"""The dispatcher between a real spool and a store: its limits hold, and what fails beside it does not end it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from adapters.rest.dicomweb.settings import BatchSettings, DicomwebSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored, Unavailable
from gateway.flow.spooling import dispatching
from gateway.spool import Plan, Spool, SpoolError, SpoolSettings, State, open_spool
from gateway.telemetry.metrics import Metrics
from tests.faults.commit_mode import states

INSTANCES = 65  # more than fill the batches of ten
CONCURRENCY = 2


class SlowStore:
    """Takes several messages at once; the first requests fail, the others need a while."""

    name = "out"

    def __init__(self, failures: int) -> None:
        self._failures = failures
        self._at_once = 0
        self.most_at_once = 0

    async def deliver(self, message: Message) -> Outcome:
        """Take one."""
        return (await self.deliver_many([message]))[0]

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take several, or fail."""
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        failing, self._failures = self._failures > 0, self._failures - 1
        await asyncio.sleep(0.02)
        self._at_once -= 1
        return [Unavailable("not now") if failing else Stored() for _ in messages]

    async def probe(self) -> str | None:
        """Be reachable."""
        return None


async def deliver_all(spool: Spool, data_dir: Path, store: SlowStore) -> None:
    """Commit INSTANCES messages and wait until they are delivered."""
    settings = DicomwebSettings(
        kind="dicomweb", url="http://localhost/", concurrency=CONCURRENCY, batch=BatchSettings(instances=10)
    )
    for number in range(INSTANCES):
        message = Message(str(number), WholeBody(b"x"), {"listener": "in"}, {})
        await spool.commit(message, Plan(("out",)))
    async with dispatching(spool, {"out": store}, {"out": settings}, Metrics(), 5), asyncio.timeout(60):
        while {State.DELIVERED: INSTANCES} != await states(data_dir):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("failures", [0, 6])
async def test_concurrency_holds(tmp_path: Path, failures: int) -> None:
    """No more requests are under way than the destination allows, also when messages are tried again one by one."""
    store = SlowStore(failures)
    async with open_spool(tmp_path, SpoolSettings(min_free_bytes=0)) as spool:
        await deliver_all(spool, tmp_path, store)
    assert CONCURRENCY == store.most_at_once


async def test_spool_that_cannot_be_read_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever call of the spool fails for a moment, delivery goes on."""
    failing = {"claim": 1, "wait_for_work": 1}
    async with open_spool(tmp_path, SpoolSettings(min_free_bytes=0)) as spool:
        for name in failing:
            monkeypatch.setattr(spool, name, failing_at_first(name, failing, getattr(spool, name)))
        await deliver_all(spool, tmp_path, SlowStore(0))
    assert {"claim": 0, "wait_for_work": 0} == failing


def failing_at_first(name: str, failing: dict[str, int], call: Callable[..., Awaitable[object]]) -> object:
    """Return *call*, which fails as often as *failing* says."""

    async def attempt(*arguments: object, **options: object) -> object:
        if failing[name]:
            failing[name] -= 1
            raise SpoolError("the spool cannot be read")
        return await call(*arguments, **options)

    return attempt
