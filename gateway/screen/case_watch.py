"""Tells of each case once when it begins and once when it ends, in the log and in a metric."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from gateway.causes.edges import Edges
from gateway.causes.rows import LEVELS
from gateway.contract.observed import Case
from gateway.screen.background import in_background
from gateway.screen.status_source import StatusSource
from gateway.telemetry.faults import report

LOOK_SECONDS = 3.0

log = structlog.get_logger()


class CaseWatch:
    """Looks at the status every LOOK_SECONDS, in the process that owns the admin port."""

    def __init__(self, source: StatusSource, show: Callable[[str, int], None]) -> None:
        self._source, self._show = source, show
        self._edges = Edges()

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
        status = await self._source.status()
        turns = self._edges.look(status["cases"])
        for case in turns.began:
            log.warning("case_began", **_fields(case))
        for case in turns.ended:
            log.info("case_ended", seconds=round(max(0.0, status["at"] - case["since"]), 1), **_fields(case))
        counts = Counter(case["level"] for case in status["cases"])
        for level in LEVELS:
            self._show(level, counts[level])


def _fields(case: Case) -> dict[str, str]:
    since = datetime.fromtimestamp(case["since"], UTC).isoformat().replace("+00:00", "Z")
    return {"cause": case["cause"], "subject": case["subject"], "side": case["side"], "since": since}


@asynccontextmanager
async def watching_cases(source: StatusSource, show: Callable[[str, int], None]) -> AsyncIterator[None]:
    """Watch the cases of *source* beside the body; *show* sets the number of cases of a level."""
    async with in_background(CaseWatch(source, show).run()):
        yield
