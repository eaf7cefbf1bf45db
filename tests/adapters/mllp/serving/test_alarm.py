"""The timer whose deadline moves."""

import asyncio
import socket
import time

from adapters.mllp.serving.alarm import Alarm
from gateway.contract.lateness import LATE_SECONDS, LOOK_AGAIN_SECONDS


class Case:
    """An alarm, its deadline, and when it called."""

    def __init__(self, seconds: float | None) -> None:
        self.loop = asyncio.get_running_loop()
        self.due = None if seconds is None else self.loop.time() + seconds
        self.rang = asyncio.Event()
        self.rang_at = 0.0
        self.alarm = Alarm(lambda: self.due, self.ring)

    def ring(self) -> None:
        """Note the time."""
        self.rang_at = self.loop.time()
        self.rang.set()


async def test_rings() -> None:
    """It rings at its deadline, once."""
    case = Case(0.01)
    case.alarm.arm()
    assert case.alarm.armed
    await case.rang.wait()
    assert case.due is not None
    assert case.rang_at >= case.due
    assert not case.alarm.armed


async def test_deadline_moves_later() -> None:
    """A deadline that moves away needs no call."""
    case = Case(0.01)
    case.alarm.arm()
    case.due = case.loop.time() + 0.03
    await case.rang.wait()
    assert case.rang_at >= case.due


async def test_deadline_comes_nearer() -> None:
    """A deadline that comes nearer is watched from the next call on."""
    case = Case(60)
    case.alarm.arm()
    case.due = case.loop.time()
    case.alarm.arm()
    await asyncio.wait_for(case.rang.wait(), 5)


async def test_armed_again_before_it_rings() -> None:
    """A deadline that is now, or past, can be armed again at once: uvloop's handle for it knows no time."""
    case = Case(0.0004)
    for later in (0.0, 0.0, -1.0):
        case.due = case.loop.time() + later
        case.alarm.arm()
    await asyncio.wait_for(case.rang.wait(), 5)


async def test_no_deadline() -> None:
    """Without a deadline there is nothing to watch, and one that goes away while it is watched does not ring."""
    case = Case(None)
    case.alarm.arm()
    assert not case.alarm.armed
    case.due = case.loop.time()
    case.alarm.arm()
    case.due = None
    passed = asyncio.Event()
    case.loop.call_later(0.01, passed.set)
    await passed.wait()
    assert not case.rang.is_set()
    assert not case.alarm.armed


async def test_disarm() -> None:
    """A disarmed alarm does not ring."""
    case = Case(0)
    case.alarm.arm()
    case.alarm.disarm()
    assert not case.alarm.armed
    passed = asyncio.Event()
    case.loop.call_later(0.01, passed.set)
    await passed.wait()
    assert not case.rang.is_set()


async def test_octets_that_came_while_the_process_stood_still() -> None:
    """After a standstill the sockets are read before it rings: what has come moves the deadline."""
    case = Case(0.01)
    case.alarm.arm()
    here, there = socket.socketpair()
    here.setblocking(False)

    def read() -> None:
        here.recv(1)
        case.due = case.loop.time() + 60

    case.loop.add_reader(here, read)
    there.send(b"x")
    time.sleep(2 * LATE_SECONDS)  # the loop is held  # noqa: ASYNC251
    await asyncio.sleep(5 * LOOK_AGAIN_SECONDS)
    case.loop.remove_reader(here)
    here.close()
    there.close()
    assert not case.rang.is_set()
    case.alarm.disarm()


async def test_silence_while_the_process_stood_still() -> None:
    """If nothing has come, it rings a moment later."""
    case = Case(0.01)
    case.alarm.arm()
    time.sleep(2 * LATE_SECONDS)  # the loop is held  # noqa: ASYNC251
    await asyncio.wait_for(case.rang.wait(), 60)
    assert not case.alarm.armed
