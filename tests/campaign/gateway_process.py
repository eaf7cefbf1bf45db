"""The gateway as its operator runs it: ``hilum serve``, its workers, and the end of each of them."""

import asyncio
import json
import os
import select
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.history import History

START_SECONDS = 180.0
END_SECONDS = 180.0
LOOK_SECONDS = 0.2
TRIES = 5
"""Starts in a row that may fail before the campaign gives up."""


@dataclass(slots=True)
class Gateway:
    """One ``hilum serve`` after the other, on the same configuration. Its log goes to one file."""

    folder: Path
    workers_wanted: int
    history: History
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    admin_port: int = 0
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who ends it or starts it."""
    _workers: dict[int, int] = field(default_factory=dict)
    """Processes seen alive below this supervisor and the ones before it: PID, and a descriptor that can mean no other
    process."""
    _doomed: set[int] = field(default_factory=set)
    """Processes whose end is wanted, and recorded when it was brought about."""
    _leaving: set[int] = field(default_factory=set)
    """Workers that end by themselves because their supervisor has; recorded when they do."""

    @property
    def log(self) -> Path:
        """Everything that it has logged."""
        return self.folder / "gateway.log"

    async def start(self) -> bool:
        """Start it and wait until it is up; return whether it is."""
        for _ in range(TRIES):
            if await self._start_once():
                return True
            status = self.process.returncode if self.process else None
            self.history.trouble("could not start", f"exit status {status}: {self._last_line()}")
            await asyncio.sleep(2)
        return False

    async def spawn(self) -> int:
        """Start it without waiting; return where its log begins."""
        with self.log.open("ab") as log:
            begin = log.tell()
            command = (sys.executable, "-m", "gateway", "serve", str(self.folder / "hilum.yaml"))
            self.process = await asyncio.create_subprocess_exec(*command, stderr=log, stdin=asyncio.subprocess.DEVNULL)
        self.starts += 1
        self.history.note("started", pid=self.process.pid)
        return begin

    async def _start_once(self) -> bool:
        begin = await self.spawn()
        assert self.process is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while self.process.returncode is None:
                    if self._has_started(begin):
                        return True
                    await asyncio.sleep(LOOK_SECONDS)
        return False

    def kill(self, kind: str) -> None:
        """Kill the main process. Its workers, if it has any, notice and end by themselves."""
        assert self.process is not None
        self._leaving |= self.workers()
        self._doomed.add(self.process.pid)
        if self.process.returncode is None:
            self.process.kill()
        self.history.died(kind)

    def kill_worker(self, pid: int, kind: str) -> None:
        """Kill one worker; its supervisor is to start another."""
        self._doomed.add(pid)
        self.signal_worker(pid, signal.SIGKILL)
        self.history.died(kind)

    def signal_worker(self, pid: int, number: signal.Signals) -> None:
        """Send a signal to a worker, unless it has ended."""
        self.workers()
        with suppress(ProcessLookupError, KeyError):
            signal.pidfd_send_signal(self._workers[pid], number)

    def terminate(self, kind: str) -> asyncio.subprocess.Process:
        """Ask the main process to drain and end."""
        assert self.process is not None
        self._leaving |= self.workers()
        self._doomed.add(self.process.pid)
        self.process.terminate()
        self.history.note(kind)
        return self.process

    async def ended(self, process: asyncio.subprocess.Process, kind: str) -> int | None:
        """Wait for the end of *process*, which was asked for; return its exit status."""
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
                self.history.died(kind)
                return process.returncode
        self.history.trouble("does not end", f"process {process.pid} after SIGTERM")
        process.kill()
        return None

    def workers(self) -> set[int]:
        """Return the workers of the present supervisor."""
        if self.process is None:
            return set()
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with suppress(OSError):
            found = {int(pid) for pid in path.read_text().split()}
            return {pid for pid in found if self._is_known(pid)}
        return set()

    def _is_known(self, pid: int) -> bool:
        """Whether the process is a worker that has not ended; get hold of it."""
        if pid not in self._workers and is_worker(pid):
            with suppress(ProcessLookupError):
                self._workers[pid] = os.pidfd_open(pid)
        return pid in self._workers and not has_ended(self._workers[pid])

    async def watch(self) -> None:
        """Record the end of every worker until cancelled, and start the gateway anew if it ended unasked."""
        while True:
            self.workers()
            for pid in [pid for pid, descriptor in self._workers.items() if has_ended(descriptor)]:
                os.close(self._workers.pop(pid))
                self._worker_ended(pid)
            if not self.changing.locked():
                async with self.changing:
                    await self._restart_if_ended()
            await asyncio.sleep(LOOK_SECONDS)

    async def _restart_if_ended(self) -> None:
        if self.process and self.process.returncode is not None and self.process.pid not in self._doomed:
            self._doomed.add(self.process.pid)
            self.history.died(f"main process, exit status {self.process.returncode}", planned=False)
            await self.start()

    def _worker_ended(self, pid: int) -> None:
        if pid in self._doomed:
            self._doomed.discard(pid)
        elif pid in self._leaving:
            self._leaving.discard(pid)
            self.history.died("worker after its supervisor")
        else:
            self.history.died(f"worker {pid}", planned=False)

    async def end(self) -> None:
        """Leave nothing running."""
        self.workers()
        for descriptor in self._workers.values():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            os.close(descriptor)
        self._workers.clear()
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def _has_started(self, begin: int) -> bool:
        """Whether the main process says so; with several workers each of them says it too, without their number."""
        with self.log.open("rb") as log:
            log.seek(begin)
            for line in log:
                event = json.loads(line) if line.startswith(b"{") and line.endswith(b"}\n") else {}
                if event.get("event") == "gateway_started" and event.get("workers", 1) == self.workers_wanted:
                    self.admin_port = int(event["admin_port"])
                    return True
        return False

    def _last_line(self) -> str:
        return (self.log.read_bytes()[-2000:].splitlines() or [b""])[-1].decode(errors="replace")


def is_worker(pid: int) -> bool:
    """Whether the process is one that multiprocessing has spawned to work."""
    with suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def has_ended(descriptor: int) -> bool:
    """Whether the process of a PID descriptor has come to its end (pidfd_open(2)), reaped or not."""
    return bool(select.select([descriptor], [], [], 0)[0])
