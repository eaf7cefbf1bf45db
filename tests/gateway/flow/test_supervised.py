"""Supervision of a task that must never end."""

import asyncio

from structlog.testing import capture_logs

from gateway.flow.retry import Backoff
from gateway.flow.supervised import supervise

QUICK = Backoff(first=0.01, ceiling=0.02)


async def test_a_task_that_ends_is_started_anew() -> None:
    """A task that returns or raises is logged without the error's text, reported, counted and restarted."""
    ends: list[Exception | None] = [RuntimeError("DOE^JANE"), None]
    told: list[str | None] = []
    restarts: list[None] = []
    sound = asyncio.Event()

    async def run() -> None:
        if ends:
            if (error := ends.pop()) is not None:
                raise error
            return
        sound.set()
        await asyncio.Event().wait()

    with capture_logs() as logs:
        task = asyncio.create_task(
            supervise("work", run, lambda _, what: told.append(what), lambda: restarts.append(None), QUICK)
        )
        await asyncio.wait_for(sound.wait(), 30)
        async with asyncio.timeout(300):
            while told[-1] is not None:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
    assert ["task_ended"] * 2 == [each["event"] for each in logs if each["event"] == "task_ended"]
    assert [0.01, 0.02] == [each["again_in"] for each in logs if each["event"] == "task_ended"]
    assert "DOE" not in str(logs)
    assert 2 == len(restarts)
    assert task.cancelled()
