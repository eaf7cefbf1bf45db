"""A fetcher in simulated time: each resource for itself, as it is when its turn comes."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.events.fetching import FetchEnds, Fetcher, FetchRules
from adapters.events.telling import Teller
from gateway.contract.meter import Passed
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Stored, Unavailable
from tests.adapters.events.hl7v2.simulated import Meter, now
from tests.adapters.events.virtual_time import simulate

AWAY = Unavailable("away")


@dataclass
class Scene:
    """A fetcher with everything around it."""

    rules: FetchRules = field(default_factory=FetchRules)
    version: int = 0
    """The version of every resource of the store."""
    found: Callable[[str], Passed | Unavailable | None] = lambda _: None
    """What is found in place of a resource."""
    answer: Callable[[], Outcome] = Stored
    delivery_seconds: float = 0.1
    meter: Meter = field(default_factory=Meter)
    delivered: list[tuple[str, int, float]] = field(default_factory=list)
    """Names, versions and times."""
    held: dict[str, int] = field(default_factory=dict)
    """Notifications that are held, by name."""

    def run(self, story: Callable[[Fetcher[tuple[str, int]]], Coroutine[Any, Any, None]]) -> None:
        """Run a fetcher while *story* goes on."""

        async def whole() -> None:
            ends = FetchEnds(
                lambda name: name != "other", self._get, self._deliver, self._settling, self.meter, Teller("in", _named)
            )
            fetcher = Fetcher(self.rules, ends)
            running = asyncio.create_task(fetcher.run())
            await story(fetcher)
            fetcher.stop()
            await running

        simulate(whole())

    def tell(self, fetcher: Fetcher[tuple[str, int]], name: str) -> None:
        """Have a notification pulled."""
        self.held[name] = self.held.get(name, 0) + 1
        fetcher.told(name)

    async def _get(self, name: str) -> tuple[str, int] | Passed | Unavailable:
        return self.found(name) or (name, self.version)

    async def _deliver(self, resource: tuple[str, int]) -> Outcome:
        self.delivered.append((*resource, now() - 1000))
        await asyncio.sleep(self.delivery_seconds)
        return self.answer()

    def _settling(self, name: str) -> Callable[[], None]:
        count = self.held[name]

        def settle() -> None:
            self.held[name] -= count

        return settle


def _named(name: str) -> dict[str, str]:
    return {"source_name": name}


def test_coalesced() -> None:
    """Several notifications within the settle time are one delivery, of the current version."""
    scene = Scene()

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        for _ in range(5):
            scene.version += 1
            scene.tell(fetcher, "a")
            await asyncio.sleep(0.3)
        await asyncio.sleep(5)

    scene.run(story)
    assert ([("a", 5, 2.0)], {"a": 0}) == (scene.delivered, scene.held)


def test_told_during_the_delivery() -> None:
    """What changes while it is delivered is fetched once more, and only then all its notifications are settled."""
    scene = Scene(delivery_seconds=5)

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        scene.tell(fetcher, "a")
        await asyncio.sleep(4)
        scene.version = 1
        scene.tell(fetcher, "a")
        await asyncio.sleep(4)
        assert {"a": 1} == scene.held
        await asyncio.sleep(10)

    scene.run(story)
    assert ([0, 1], {"a": 0}) == ([version for _, version, _ in scene.delivered], scene.held)


RESULTS: dict[str, tuple[Passed | None, Outcome, Passed]] = {
    "delivered": (None, Stored(), Passed.DELIVERED),
    "no route takes it": (None, NO_ROUTE, Passed.UNROUTED),
    "Hilum's own": (Passed.OWN, Stored(), Passed.OWN),
    "gone": (Passed.GONE, Stored(), Passed.GONE),
}


@pytest.mark.parametrize(("found", "outcome", "result"), RESULTS.values(), ids=RESULTS)
def test_results(found: Passed | None, outcome: Outcome, result: Passed) -> None:
    """What becomes of a resource; in each case its notification is settled."""
    scene = Scene(found=lambda _: found, answer=lambda: outcome)

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        scene.tell(fetcher, "a")
        await asyncio.sleep(60)

    scene.run(story)
    assert ([result], {"a": 0}) == (scene.meter.results, scene.held)


def test_missing_for_a_moment() -> None:
    """A resource that the store has not at first is delivered: that may be a fault of the store."""
    answers: Iterator[Passed | None] = iter([Passed.GONE] * 3)
    scene = Scene(found=lambda _: next(answers, None))

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        scene.tell(fetcher, "a")
        await asyncio.sleep(60)

    scene.run(story)
    assert ([Passed.DELIVERED], 1) == (scene.meter.results, len(scene.delivered))


@pytest.mark.parametrize("failure", [Refused("no"), AWAY])
def test_held(failure: Outcome) -> None:
    """What cannot be delivered is tried again, and its notification is held; others pass it."""
    scene = Scene(answer=lambda: failure if now() < 1100 else Stored())

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        scene.tell(fetcher, "a")
        scene.tell(fetcher, "b")
        await asyncio.sleep(90)
        assert {"a": 1, "b": 1} == scene.held
        await asyncio.sleep(200)

    scene.run(story)
    assert ({"a": 0, "b": 0}, [Passed.DELIVERED] * 2) == (scene.held, scene.meter.results)
    assert max(scene.meter.lags) > 60


def test_unreadable_is_no_refusal_of_the_destination() -> None:
    """A resource that cannot be fetched counts as a failure of the store."""
    scene = Scene(found=lambda _: AWAY)

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        scene.tell(fetcher, "a")
        await asyncio.sleep(3)

    scene.run(story)
    assert ([], {"store"}, {"a": 1}) == (scene.delivered, {*scene.meter.failures}, scene.held)


def test_skip() -> None:
    """With `skips` a refused resource is given up and settled."""
    scene = Scene(FetchRules(skips=True), answer=lambda: Refused("no"))

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        scene.tell(fetcher, "a")
        await asyncio.sleep(60)

    scene.run(story)
    assert ([Passed.SKIPPED], {"a": 0}) == (scene.meter.results, scene.held)


def test_stop() -> None:
    """At the end what is being delivered is delivered, and nothing else begins."""
    scene = Scene(delivery_seconds=5)

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        scene.tell(fetcher, "a")
        await asyncio.sleep(3)
        scene.tell(fetcher, "b")
        await asyncio.sleep(1)

    scene.run(story)
    assert (["a"], {"a": 0, "b": 1}) == ([name for name, _, _ in scene.delivered], scene.held)


def test_names() -> None:
    """It knows which notifications are about its store."""
    scene = Scene()

    async def story(fetcher: Fetcher[tuple[str, int]]) -> None:
        assert (True, False) == (fetcher.is_name("a"), fetcher.is_name("other"))

    scene.run(story)
