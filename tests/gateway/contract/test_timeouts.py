"""Many timeouts of the same length behave like ``asyncio.timeout``."""

import asyncio

import pytest

from gateway.contract.timeouts import Timeouts


async def outlast(timeouts: Timeouts) -> str:
    """Wait for ever, within a timeout."""
    with timeouts.start():
        await asyncio.Event().wait()
    return "never"


async def test_in_time() -> None:
    """A block that ends in time is not cancelled, then or later."""
    timeouts = Timeouts(0.01)
    with timeouts.start() as timeout:
        await asyncio.sleep(0)
    await asyncio.sleep(0.03)
    assert not timeout.expired


async def test_too_late() -> None:
    """A block that takes longer ends with TimeoutError, each at its own deadline."""
    timeouts, loop = Timeouts(0.02), asyncio.get_running_loop()
    begun = loop.time()
    first = asyncio.create_task(outlast(timeouts))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(outlast(timeouts))
    for task, at_least in ((first, 0.02), (second, 0.03)):
        with pytest.raises(TimeoutError):
            await task
        assert begun + at_least <= loop.time()


async def test_one_timer() -> None:
    """A thousand that end in time, and one that does not, share a timer."""
    timeouts, started = Timeouts(0.5), 0
    loop = asyncio.get_running_loop()
    call_at = loop.call_at

    def count(*arguments: object) -> asyncio.TimerHandle:
        nonlocal started
        started += 1
        return call_at(*arguments)  # type: ignore[arg-type]

    loop.call_at = count  # type: ignore[method-assign,assignment]
    for _ in range(1000):
        with timeouts.start():
            pass
    with pytest.raises(TimeoutError):
        await outlast(timeouts)
    assert 2 >= started


async def test_cancelled_from_elsewhere() -> None:
    """A cancellation from elsewhere stays a cancellation."""
    task = asyncio.create_task(outlast(Timeouts(10)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_both_ways() -> None:
    """A cancellation from elsewhere at the same moment as the deadline is not lost."""
    timeouts = Timeouts(0.0)

    async def both() -> None:
        with timeouts.start() as timeout:
            timeout.expire()
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)

    task = asyncio.create_task(both())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_expired_but_done() -> None:
    """A block that ends by itself after its time is over leaves no cancellation behind."""
    with Timeouts(10).start() as timeout:
        timeout.expire()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert 0 == task.cancelling()


async def test_outside_a_task() -> None:
    """Outside a task, a timeout raises an error."""
    timeout, refused = Timeouts(1).start(), asyncio.Event()

    def enter() -> None:
        with pytest.raises(RuntimeError), timeout:
            pass
        refused.set()

    asyncio.get_running_loop().call_soon(enter)
    await asyncio.wait_for(refused.wait(), 60)
