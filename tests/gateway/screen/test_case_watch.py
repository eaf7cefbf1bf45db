"""Each case is told once when it begins and once when it ends."""

import asyncio
from collections import Counter

import pytest
from structlog.testing import capture_logs

from gateway.causes.table import TABLE
from gateway.contract.observed import Observed
from gateway.screen import case_watch
from gateway.screen.case_watch import CaseWatch, watching_cases
from gateway.screen.status_source import StatusSource
from tests.gateway.causes.observations import NOW, SITE, observed, stopped


class Scene:
    """A gateway whose store may be away, and what is shown of it."""

    def __init__(self) -> None:
        self.is_down = self.fails = False
        self.at = NOW
        self.looks = 0
        self.shown: dict[tuple[str, str], int] = {}
        now = iter(range(10**9))
        self.source = StatusSource(self._observe, SITE, lambda: float(next(now)))
        self.watch = CaseWatch(self.source, self.show)

    def show(self, level: str, cause: str, count: int) -> None:
        """Take what the metric would show."""
        self.shown[level, cause] = count

    async def _observe(self) -> Observed:
        self.looks += 1
        if self.fails:
            raise OSError
        return observed(at=self.at, destinations=stopped("no_answer") if self.is_down else {})


async def test_edges() -> None:
    """However often one looks, there are two lines, with cause, subject, side, beginning and duration."""
    scene = Scene()
    with capture_logs() as logs:
        for is_down in (False, True, True, True, False, False):
            scene.is_down = is_down
            scene.at = NOW if is_down else NOW + 60
            await scene.watch.look()
            assert scene.shown.keys() == {(row.level, cause.value) for cause, row in TABLE.items()}
            assert +Counter(scene.shown) == Counter({("red", "no_answer"): int(is_down)} if is_down else {})
    fields = {"cause": "no_answer", "subject": "image-store", "side": "store", "since": "2027-01-15T07:46:00Z"}
    assert logs == [
        {"event": "case_began", "log_level": "warning", **fields},
        {"event": "case_ended", "log_level": "info", "seconds": 900.0, **fields},
    ]


async def test_short_case() -> None:
    """A case that somebody has seen between two looks has its events as well."""
    scene = Scene()
    await scene.watch.look()
    with capture_logs() as logs:
        scene.is_down = True
        assert (await scene.source.status())["cases"]
        scene.is_down = False
        await scene.watch.look()
    assert ["case_began", "case_ended"] == [each["event"] for each in logs]


async def test_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that fails is reported, and the next one is made all the same; at the end nothing runs on."""
    monkeypatch.setattr(case_watch, "LOOK_SECONDS", 0.0)
    scene = Scene()
    scene.fails = True
    with capture_logs() as logs:
        async with watching_cases(scene.source, scene.show):
            async with asyncio.timeout(60):
                while scene.looks < 2:
                    await asyncio.sleep(0)
            scene.fails, scene.is_down = False, True
            async with asyncio.timeout(60):
                while not scene.shown:
                    await asyncio.sleep(0)
    assert {"uncaught_exception", "case_began"} == {each["event"] for each in logs}
    looks = scene.looks
    await asyncio.sleep(0)
    assert scene.looks == looks
