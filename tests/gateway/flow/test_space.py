"""A spool without room makes the gateway not ready, and logs the reason once."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.flow.space import SpaceWatch
from gateway.spool.interface import Limit, Space, SpoolError
from gateway.telemetry.metrics import Metrics

FOLDER = Path("/data")
ENOUGH = Space(free=500, held=10, min_free_bytes=100, max_bytes=50, limit=None)
NO_DISK = Space(free=99, held=10, min_free_bytes=100, max_bytes=50, limit=Limit.MIN_FREE_BYTES)
FULL = Space(free=500, held=50, min_free_bytes=100, max_bytes=50, limit=Limit.MAX_BYTES)


class FakeSpool:
    """A spool with the space that the test sets."""

    def __init__(self) -> None:
        self.found: Space | None = None
        self.damaged = False

    async def space(self) -> Space | None:
        """Return the space."""
        if self.damaged:
            raise SpoolError("the spool is damaged")
        return self.found


class Told:
    """A watch, the troubles it has reported, and its spool."""

    def __init__(self) -> None:
        self.spool, self.metrics = FakeSpool(), Metrics()
        self.troubles: list[str | None] = []
        self._watch = SpaceWatch(self.spool, FOLDER, self.troubles.append, self.metrics, workers=2)  # type: ignore[arg-type]

    async def look(self, *found: Space | None) -> list[dict[str, object]]:
        """Look once at each; return the lines of the log."""
        with capture_logs() as logs:
            for self.spool.found in found:
                await self._watch.look()
        return [dict(line) for line in logs]


SHORT = {
    "disk": (
        NO_DISK,
        "/data: no message is taken: 99 octets of the disk are free, and spool.min_free_bytes is 100",
        {"key": "spool.min_free_bytes", "limit_bytes": 100, "free_bytes": 99, "held_bytes": 10},
        "make room on the disk, or lower spool.min_free_bytes",
    ),
    "spool": (
        FULL,
        "/data: no message is taken: 50 octets of payload are not delivered, and spool.max_bytes is 50",
        {"key": "spool.max_bytes", "limit_bytes": 50, "free_bytes": 500, "held_bytes": 50},
        "repair the destination, discard or move parked messages, or raise spool.max_bytes",
    ),
}


@pytest.mark.parametrize(("space", "trouble", "figures", "mend"), SHORT.values(), ids=SHORT)
async def test_edges(space: Space, trouble: str, figures: dict[str, object], mend: str) -> None:
    """Reaching a limit is one line with path, figures, key and remedy; leaving it is one line."""
    told = Told()
    edges = await told.look(ENOUGH, space, space, space, ENOUGH, ENOUGH)
    level = {"log_level": "error", "path": "/data", "mend": mend}
    recovered = {"log_level": "info", "path": "/data", "free_bytes": 500, "held_bytes": 10}
    assert [
        {"event": "spool_room_short", **level, **figures},
        {"event": "spool_room_recovered", **recovered},
    ] == edges
    assert [trouble, None] == told.troubles


async def test_another_limit_is_another_edge() -> None:
    """If another limit becomes the current one, that is logged and reported too."""
    told = Told()
    assert 2 == len(await told.look(FULL, NO_DISK))
    assert [SHORT["spool"][1], SHORT["disk"][1]] == told.troubles


async def test_nothing_to_commit_to() -> None:
    """The watch reports nothing while there is no spool or it is damaged: the spool's owner reports that."""
    told = Told()
    assert [] == await told.look(None)
    told.spool.damaged = True
    assert [] == await told.look(NO_DISK)
    assert [] == told.troubles


async def test_metrics() -> None:
    """The figures are metrics; the limit of the payload is that of all workers together."""
    told = Told()
    assert b"hilum_spool_free_bytes" not in told.metrics.render()
    await told.look(NO_DISK)
    shown = told.metrics.render().decode().splitlines()
    for line in (
        "hilum_spool_free_bytes 99.0",
        'hilum_spool_limit_bytes{limit="min_free_bytes"} 100.0',
        'hilum_spool_limit_bytes{limit="max_bytes"} 100.0',
    ):
        assert line in shown
