"""Decides which spools without an owner a process may adopt, and when.

A worker that is started again takes its own spool, so that its peers' messages go on in order there. Another worker may
adopt that spool only once the supervisor has named it the successor. A spool that belongs to no worker is left for a
while to a worker that starts without a spool.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.spool.folders import WorkerIndex
from gateway.spool.inheritance import Inheritance

LEFT_FOR_SECONDS = 12.0
"""How long a spool that belongs to no worker is left to a worker that starts without one. The spools of other workers
are left to those workers until the supervisor names a successor."""
AGAIN_SECONDS = 60.0
"""How long to leave alone a spool that could not be opened."""


class Candidates:
    """The spools without an owner that one process has seen. Times are those of one monotonic clock."""

    def __init__(
        self, worker_index: WorkerIndex, inheritance: Inheritance, worker_of: Callable[[Path], int | None]
    ) -> None:
        self._worker_index, self._inheritance, self._worker_of = worker_index, inheritance, worker_of
        self._from: dict[Path, float] = {}
        """The time from which each may be adopted."""

    def ready(self, found: Iterable[Path], now: float) -> list[Path]:
        """Return which of the spools *found* may be adopted now. Spools that are no longer found are forgotten."""
        workers = {path: self._worker_of(path) for path in found}
        self._from = {
            path: self._from.get(path, now + (0.0 if self._is_ours(worker) else LEFT_FOR_SECONDS))
            for path, worker in workers.items()
            if not self.is_anothers(worker)
        }
        return [path for path, since in self._from.items() if since <= now]

    def put_off(self, path: Path, now: float) -> None:
        """Wait AGAIN_SECONDS before a spool that could not be opened is tried again."""
        self._from[path] = now + AGAIN_SECONDS

    def is_anothers(self, worker: int | None) -> bool:
        """Tell whether the number is that of another worker whose successor this one is not."""
        return worker in range(1, self._worker_index.workers + 1) and not self._is_ours(worker)

    def _is_ours(self, worker: int | None) -> bool:
        return self._worker_index.workers == 1 or worker in {self._worker_index.worker, *self._inheritance.numbers}
