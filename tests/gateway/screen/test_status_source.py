"""The status is computed at most once a second, however many ask."""

import asyncio

import pytest

from gateway.contract.observed import Observed
from gateway.screen.status_source import FRESH_SECONDS, StatusSource
from tests.gateway.causes.observations import NOW, SITE, destination, observed


class Observing:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    async def __call__(self) -> Observed:
        """Return a clock that is wrong: nobody knows since when."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails:
            raise OSError("no")
        return observed(at=NOW + self.asked, destinations={"a": destination(clock_skew=240.0)})


async def test_once_a_second() -> None:
    """Many viewers at a time share one look; after a second there is a new one."""
    observing, now = Observing(), [0.0]
    source = StatusSource(observing, SITE, lambda: now[0])
    found = await asyncio.gather(*(source.status() for _ in range(40)), source.observed())
    assert observing.asked == 1
    assert found[-1]["at"] == NOW + 1
    now[0] = FRESH_SECONDS
    later = await source.status()
    assert (observing.asked, later["at"]) == (2, NOW + 2)
    assert later["cases"][0]["since"] == NOW + 1, "it began when it was seen first"


async def test_failure_is_not_kept() -> None:
    """After a failed look the next one who asks looks again."""
    observing = Observing()
    source = StatusSource(observing, SITE)
    observing.fails = True
    with pytest.raises(OSError, match="no"):
        await source.status()
    observing.fails = False
    assert (await source.status())["gateway"] == "gw-1"
