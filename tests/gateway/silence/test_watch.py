"""The task that asks, judges and tells."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.silence import watch as module
from gateway.silence.feed import ProcessSeen
from gateway.silence.settings import SilenceSettings
from gateway.silence.store import Store
from gateway.silence.watch import SilenceWatch
from tests.gateway.silence.simulator import HOUR, MINUTE, START, WEEK
from tests.gateway.silence.test_feed import seen

LISTENERS = ("lab",)
UTC_SETTINGS = SilenceSettings(time_zone="UTC")


class Gateway:
    """Processes, a clock and a metric."""

    def __init__(self, data_dir: Path, by_hand: Mapping[str, float] | None = None) -> None:
        self.now = START
        self.workers: list[ProcessSeen] = []
        self.shown: Mapping[str, int] = {}
        self.asked = asyncio.Event()
        self.error: Exception | None = None
        self.watch = SilenceWatch(
            UTC_SETTINGS, by_hand or {}, Store(data_dir, LISTENERS), self.ask, self.show, lambda: self.now
        )

    async def ask(self) -> Iterable[ProcessSeen]:
        """Return what the processes say."""
        self.asked.set()
        if self.error is not None:
            raise self.error
        return self.workers

    def show(self, counts: Mapping[str, int]) -> None:
        """Take the numbers of the metric."""
        self.shown = counts

    def sent(self, messages: int, worker: float = 0) -> None:
        """Have a worker say that it has got so many messages of the HIS, the last one now."""
        self.workers = [each for each in self.workers if each.started_at != worker]
        self.workers.append(ProcessSeen(worker, [seen("HIS", messages, self.now)]))

    async def pass_time(self, seconds: float, every: float = 5 * MINUTE, *, sends: bool = False) -> None:
        """Let time pass, a step at a time."""
        for step in range(int(seconds / every)):
            self.now += every
            if sends:
                self.sent(int(self.now) + step)
            await self.watch.look()


async def test_told_once(tmp_path: Path) -> None:
    """One line when a silence begins, one when it ends; the metric follows."""
    gateway = Gateway(tmp_path, {"HIS": HOUR})
    gateway.sent(5)
    with capture_logs() as logs:
        await gateway.pass_time(50 * MINUTE)
        assert gateway.shown == {"silent": 0, "marked": 0, "expected": 0, "learning": 0, "usual": 1}
        await gateway.pass_time(5 * HOUR)
        assert gateway.shown["silent"] == 1
        gateway.sent(6)
        await gateway.pass_time(5 * MINUTE)
    begun, ended = [each for each in logs if each["event"].startswith("peer_")]
    assert (begun["event"], begun["log_level"]) == ("peer_silent", "warning")
    assert (begun["peer_name"], begun["listener"], begun["usual_per_hour"]) == ("HIS", "lab", None)
    assert begun["last_message"] == datetime.fromtimestamp(START, UTC).isoformat()
    assert (ended["event"], ended["log_level"], ended["ending"]) == ("peer_heard_again", "info", "heard")
    assert gateway.shown["silent"] == 0


async def test_what_is_usual_is_told(tmp_path: Path) -> None:
    """The line of a learnt peer says how much is usual."""
    gateway = Gateway(tmp_path)
    await gateway.pass_time(4 * WEEK, sends=True)
    with capture_logs() as logs:
        await gateway.pass_time(6 * HOUR)
    (line,) = [each for each in logs if each["event"] == "peer_silent"]
    assert line["usual_per_hour"] > 10
    assert gateway.watch.seen()[0]["state"] == "silent"


async def test_no_process_answers(tmp_path: Path) -> None:
    """While no process answers, nothing is known of the peers, and nobody is silent."""
    gateway = Gateway(tmp_path, {"HIS": HOUR})
    gateway.sent(5)
    await gateway.pass_time(5 * MINUTE)
    workers, gateway.workers = gateway.workers, []
    await gateway.pass_time(5 * HOUR)
    gateway.workers = workers
    await gateway.pass_time(5 * MINUTE)
    assert gateway.watch.seen()[0]["state"] == "usual"


async def test_several_workers(tmp_path: Path) -> None:
    """A peer that one worker hears is not silent, though another one does not hear it."""
    gateway = Gateway(tmp_path, {"HIS": HOUR})
    gateway.sent(5, worker=1)
    for count in range(40):
        gateway.sent(count, worker=2)
        await gateway.pass_time(5 * MINUTE)
    assert [each["state"] for each in gateway.watch.seen()] == ["usual"]


async def test_it_is_kept(tmp_path: Path) -> None:
    """What was learnt is written at the end, and the next process has it."""
    gateway = Gateway(tmp_path)
    async with gateway.watch:
        await gateway.pass_time(HOUR, sends=True)
    again = Gateway(tmp_path)
    async with again.watch:
        assert [each["peer"] for each in again.watch.seen()] == ["HIS"]


async def test_it_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task goes on after an error, and writes what it knows once in a while."""
    monkeypatch.setattr(module, "SAVE_SECONDS", 0.0)
    gateway = Gateway(tmp_path, {"HIS": 0.1})
    gateway.error = ValueError("a bug")
    with capture_logs() as logs:
        async with gateway.watch:
            await asyncio.wait_for(gateway.asked.wait(), 60)
            gateway.error = None
            gateway.sent(5)
            while not (tmp_path / "silence.sqlite3").exists():
                await asyncio.sleep(0.01)
    assert [each["where"] for each in logs if each["event"] == "uncaught_exception"] == ["silence"]
    assert gateway.watch.seen()[0]["peer"] == "HIS"
