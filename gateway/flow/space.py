"""Watches whether the spool has room: without room, the gateway is not ready, and logs the reason once."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from gateway.spool.interface import Limit, Space, Spool, SpoolError
from gateway.telemetry.metrics import Metrics

LOOK_SECONDS = 2.0
"""Seconds between two checks of the disk. Each commit checks the disk as well."""
MENDS = {
    Limit.MAX_BYTES: "repair the destination, discard or move parked messages, or raise spool.max_bytes",
    Limit.MIN_FREE_BYTES: "make room on the disk, or lower spool.min_free_bytes",
}

log = structlog.get_logger()


class SpaceWatch:
    """Updates the metrics at each check; calls *trouble* and logs with *data_dir* when a limit is reached or left."""

    def __init__(
        self,
        spool: Spool,
        data_dir: Path,
        trouble: Callable[[str | None], None],
        metrics: Metrics,
        workers: int = 1,
    ) -> None:
        self._spool = spool
        self._data_dir = data_dir
        self._trouble = trouble
        self._metrics = metrics
        self._workers = workers
        self._limit: Limit | None = None
        """The limit that was reported last; None if there was room."""

    async def run(self) -> None:
        """Check every LOOK_SECONDS until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Check once, and report a change."""
        try:
            space = await self._spool.space()
        except (SpoolError, OSError):  # the spool's owner and each commit report this error
            return
        if space is None:
            return
        self._metrics.space(space, self._workers)
        if space.limit is not self._limit:
            self._tell(space)
            self._limit = space.limit

    def _tell(self, space: Space) -> None:
        figures = {"path": str(self._data_dir), "free_bytes": space.free, "held_bytes": space.held}
        if space.limit is None:
            self._trouble(None)
            log.info("spool_room_recovered", **figures)
            return
        key, limit_bytes, mend = f"spool.{space.limit}", _value(space), MENDS[space.limit]
        self._trouble(told(self._data_dir, space))
        log.error("spool_room_short", key=key, limit_bytes=limit_bytes, mend=mend, **figures)


def told(data_dir: Path, space: Space) -> str:
    """Return why the spool takes no message: the path, the figures and the configuration key."""
    if space.limit is Limit.MAX_BYTES:
        figures = f"{space.held} octets of payload are not delivered"
    else:
        figures = f"{space.free} octets of the disk are free"
    return f"{data_dir}: no message is taken: {figures}, and spool.{space.limit} is {_value(space)}"


def _value(space: Space) -> int:
    return space.max_bytes if space.limit is Limit.MAX_BYTES else space.min_free_bytes
