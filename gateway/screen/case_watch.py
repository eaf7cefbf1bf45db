"""Tells of each case once when it begins and once when it ends, in the log and in a metric."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from gateway.causes.edges import Edges
from gateway.causes.table import TABLE
from gateway.contract.observed import Case, Status
from gateway.screen.background import in_background
from gateway.screen.status_source import StatusSource
from gateway.telemetry.faults import report

LOOK_SECONDS = 3.0
Show = Callable[[str, str, int], None]

log = structlog.get_logger()


class CaseWatch:
    """Takes each status, and asks for one every LOOK_SECONDS, in the process that owns the admin port.

    So each case that a page or a command shows has its events, however short it is.
    """

    def __init__(self, source: StatusSource, show: Show) -> None:
        self._source, self._show = source, show
        self._edges = Edges()
        self._shown = {(row.level, cause.value) for cause, row in TABLE.items()}
        """Levels and causes that are in the metric: each is there from the start, so that its beginning is a change."""
        source.subscribe(self._take)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  without this task nobody would hear of any case
                report(error, "cases")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once."""
        await self._source.status()

    def _take(self, status: Status) -> None:
        turns = self._edges.look(status["cases"])
        for case in turns.began:
            log.warning("case_began", **_fields(case))
        for case in turns.ended:
            log.info("case_ended", seconds=round(max(0.0, status["at"] - case["since"]), 1), **_fields(case))
        counts = Counter((case["level"], case["cause"]) for case in status["cases"])
        self._shown |= counts.keys()
        for level, cause in self._shown:
            self._show(level, cause, counts[level, cause])


def _fields(case: Case) -> dict[str, str]:
    since = datetime.fromtimestamp(case["since"], UTC).isoformat().replace("+00:00", "Z")
    return {"cause": case["cause"], "subject": case["subject"], "side": case["side"], "since": since}


@asynccontextmanager
async def watching_cases(source: StatusSource, show: Show) -> AsyncIterator[None]:
    """Watch the cases of *source* beside the body; *show* sets the number of cases of a level and a cause."""
    async with in_background(CaseWatch(source, show).run()):
        yield
