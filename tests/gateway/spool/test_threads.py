"""A caller that is cancelled stays until its thread has ended."""

import asyncio
import threading

import pytest

from gateway.spool.threads import in_thread


async def test_the_result_is_returned() -> None:
    """What the work returns is returned, and nothing is undone."""
    undone: list[int] = []
    assert 3 == await in_thread(lambda: 3, undone.append)
    assert [] == undone


async def test_an_error_is_raised() -> None:
    """What the work raises is raised."""

    def fail() -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - its type is the fact
        await in_thread(fail, lambda _: None)


async def test_a_caller_that_is_cancelled_waits() -> None:
    """However often it is cancelled, it ends after the thread, and what that has done is undone."""
    begun, go_on = threading.Event(), threading.Event()
    undone: list[str] = []

    def work() -> str:
        begun.set()
        go_on.wait(30)
        return "done"

    caller = asyncio.create_task(in_thread(work, undone.append))
    await asyncio.to_thread(begun.wait)
    for _ in range(2):
        caller.cancel()
        await asyncio.wait([caller], timeout=0.05)
    assert not caller.done()
    go_on.set()
    await asyncio.wait([caller], timeout=60)
    assert caller.cancelled()
    assert ["done"] == undone
