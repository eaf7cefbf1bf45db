"""Hilum's commands as processes of their own, as an operator runs them."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any


class HilumProcess:
    """A running command, its events and its end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[Mapping[str, Any]] = []
        """What it has logged."""
        self._arrived = asyncio.Condition()
        self._ended = False
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        try:
            async for line in self.process.stderr:
                async with self._arrived:
                    self.events.append(json.loads(line) if line.startswith(b"{") else {"event": line.decode().strip()})
                    self._arrived.notify_all()
        finally:  # who waits for a line hears that none comes any more
            self._ended = True
            async with self._arrived:
                self._arrived.notify_all()

    async def logged(self, event: str) -> Mapping[str, Any]:
        """Wait until *event* is logged and return it."""
        return (await self.all_logged(event, 1))[0]

    async def all_logged(self, event: str, count: int) -> list[Mapping[str, Any]]:
        """Wait until *event* is logged so many times; return all of them."""
        try:
            async with asyncio.timeout(60), self._arrived:
                while len(found := [each for each in self.events if each["event"] == event]) < count:
                    assert not self._ended, self.events
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(f"{event} was not logged {count} times in a minute: {self.events[-20:]}") from None
        return found

    async def ended(self) -> int:
        """Wait for the end and return the exit status."""
        async with asyncio.timeout(60):
            await self._reader
            return await self.process.wait()

    def peak_memory(self) -> int:
        """Return the largest resident set so far, in octets."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) * 1024


@asynccontextmanager
async def hilum(
    *arguments: str | Path,
    module: str = "gateway",
    packages: Path | None = None,
    python: Sequence[str] = (sys.executable,),
) -> AsyncIterator[HilumProcess]:
    """Run ``hilum`` with *arguments*, beside the *packages* in a folder; make sure that it has ended afterwards.

    The words of *python* start the interpreter, as another user for example.
    """
    command = (*python, "-m", module, *map(str, arguments))
    environment = None if packages is None else os.environ | {"PYTHONPATH": str(packages)}
    process = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.PIPE, limit=1 << 20, env=environment
    )
    running = HilumProcess(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await running.ended()


@asynccontextmanager
async def serving(
    folder: Path,
    text: str,
    *options: str,
    packages: Path | None = None,
    python: Sequence[str] = (sys.executable,),
) -> AsyncIterator[tuple[HilumProcess, Mapping[str, int]]]:
    """Run ``hilum serve`` with the YAML *text* and *options*; yield the process and its listeners' ports."""
    path = folder / "hilum.yaml"
    path.write_text(text)
    async with hilum("serve", path, *options, packages=packages, python=python) as process:
        yield process, (await process.logged("gateway_started"))["ports"]
