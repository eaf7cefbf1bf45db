"""Gives units to worker processes, and yields what becomes of each."""

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

from gateway.cli.deidentifying.results import Result
from gateway.cli.deidentifying.units import Unit
from gateway.cli.deidentifying.worker import Work, run_worker

DIED = "the process that read it ended: memory ran out, or a decoder failed"
TICK = 0.2
"""Seconds after which the caller may show how much time is left, though no unit has ended."""
GRACE = 5.0
MOST_DEATHS = 20
"""Processes that may end by themselves before everything stops."""


class Pool:
    """So many processes; enter it to start them."""

    def __init__(self, work: Work, processes: int) -> None:
        self._work, self._size = work, processes
        # A new interpreter for each: a fork would copy threads and locks in any state.
        self._context = multiprocessing.get_context("spawn")
        self._workers: dict[Connection, BaseProcess] = {}
        self._busy: dict[Connection, Unit] = {}
        self._deaths = 0

    def __enter__(self) -> "Pool":
        for _ in range(self._size):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._workers:
            connection.close()
        for process in self._workers.values():
            process.terminate()
            process.join(GRACE)
            if process.is_alive():
                process.kill()
                process.join()

    def run(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, Result] | None]:
        """Yield each unit with its result as soon as it is there, and None while there is none."""
        left = iter(units)
        for connection in list(self._workers):
            self._give(connection, left)
        while self._busy:
            ready = cast("list[Connection]", wait(list(self._busy), TICK))
            if not ready:
                yield None
            for connection in ready:
                unit = self._busy.pop(connection)
                received = self._received(connection)
                following = self._replace(connection) if received is None else connection
                lost = Result("stopped" if self._deaths > MOST_DEATHS else "failed", problem=DIED)
                result = received or lost
                if result.outcome != "stopped":
                    self._give(following, left)
                yield unit, result
                if result.outcome == "stopped":
                    return

    def _start(self) -> Connection:
        here, there = self._context.Pipe()
        process = self._context.Process(target=run_worker, args=(there, self._work), daemon=True)
        process.start()
        there.close()  # so that the worker's end shows here
        self._workers[here] = process
        return here

    def _replace(self, connection: Connection) -> Connection:
        self._deaths += 1
        process = self._workers.pop(connection)
        connection.close()
        process.join(GRACE)
        return self._start()

    def _give(self, connection: Connection, units: Iterator[Unit]) -> None:
        unit = next(units, None)
        if unit is not None:
            self._busy[connection] = unit
            with suppress(BrokenPipeError, ConnectionResetError):  # its end shows when its result is waited for
                connection.send(unit)

    @staticmethod
    def _received(connection: Connection) -> Result | None:
        try:
            found = connection.recv()
        except (EOFError, OSError):
            return None
        assert isinstance(found, Result)  # noqa: S101  a worker sends nothing else
        return found
