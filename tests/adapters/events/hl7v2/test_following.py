"""A follower in simulated time."""

import asyncio
import random
from collections.abc import Callable

import pytest

from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.following import Follower
from adapters.events.hl7v2.passing import Rules
from adapters.events.instants import SECOND
from gateway.contract.meter import Passed
from tests.adapters.events.hl7v2.simulated import EPOCH, Scene, during, now, told
from tests.adapters.events.virtual_time import simulate
from tests.seeds import SEED


def test_in_order() -> None:
    """Messages are delivered in their order, after the settle time, and their notifications are settled."""
    scene = Scene()
    told(scene, "a", "b", "c")
    assert (["a", "b", "c"], ["a", "b", "c"]) == (scene.names, scene.settled)
    assert [Passed.DELIVERED] * 3 == scene.meter.results
    assert 1002 <= scene.delivered[0][1] <= 1002.6


def test_lost_notification() -> None:
    """A message of which nothing was told is found by the reconciliation."""
    scene = Scene()

    async def story(_: Follower) -> None:
        await asyncio.sleep(5)
        scene.store.create("a")
        await asyncio.sleep(60)

    simulate(during(scene, story))
    assert (["a"], 2) == (scene.names, scene.meter.reconciles)


def test_late_message() -> None:
    """A message that the store shows much too late is delivered by the reconciliation, and counted."""
    scene = Scene()

    async def story(follower: Follower) -> None:
        scene.store.create("late", lag=20)
        await asyncio.sleep(0.5)
        scene.store.create("b")
        follower.told("b")
        await asyncio.sleep(100)

    simulate(during(scene, story))
    assert (["b", "late"], 1) == (scene.names, scene.meter.lates)


def test_store_away() -> None:
    """A store that cannot be listed is asked again with growing pauses, and then everything is delivered."""
    scene = Scene()

    async def story(follower: Follower) -> None:
        scene.store.failing = True
        scene.store.create("a")
        follower.told("a")
        await asyncio.sleep(300)
        assert scene.store.lists < 20
        scene.store.failing = False
        await asyncio.sleep(70)

    simulate(during(scene, story))
    assert ["a"] == scene.names


UNLISTED: dict[str, tuple[str, set[str], Passed]] = {
    "the condition leaves it out": ("filtered", set(), Passed.IRRELEVANT),
    "Hilum has ingested it, as its label says": ("own-filtered", set(), Passed.OWN),
    "Hilum has ingested it, as the ledger says": ("filtered", {"filtered"}, Passed.OWN),
}


@pytest.mark.parametrize(("name", "own", "result"), UNLISTED.values(), ids=UNLISTED)
def test_unlisted(name: str, own: set[str], result: Passed) -> None:
    """A message that the list leaves out is looked at, and its notification settled after the settle time."""
    scene = Scene(Rules("from-cloud", own_label="hilum", has_condition=True), own=own)

    async def story(follower: Follower) -> None:
        scene.store.create(name, lag=1e9 if name.startswith("own") else 0)
        follower.told(name)
        await asyncio.sleep(1.9)
        assert [] == scene.settled
        await asyncio.sleep(1)

    simulate(during(scene, story))
    assert ([], [name], [result]) == (scene.names, scene.settled, scene.meter.results)


def test_notification_about_a_deleted_message() -> None:
    """It is settled when the store has said several times that there is no such message."""
    scene = Scene()

    async def story(follower: Follower) -> None:
        follower.told("a")
        await asyncio.sleep(10)
        assert [] == scene.settled
        await asyncio.sleep(20)

    simulate(during(scene, story))
    assert (["a"], [Passed.GONE]) == (scene.settled, scene.meter.results)


@pytest.mark.parametrize("lag", [3.0, 400.0, 1e6])
def test_list_that_shows_a_message_late_or_never(lag: float) -> None:
    """A message that was told of is delivered in its order, because the store has it, and only then acknowledged."""
    scene = Scene()

    async def story(follower: Follower) -> None:
        for number in range(500):
            name = f"{number:03}"
            scene.store.create(name, lag=lag if number == 5 else 0)
            follower.told(name)
            await asyncio.sleep(1)
        await asyncio.sleep(20)

    simulate(during(scene, story))
    assert [f"{number:03}" for number in range(500)] == scene.names == scene.settled


def test_condition_and_a_list_that_shows_a_message_late() -> None:
    """Where only the list tells whether a message meets the condition, it waits until the list shows it."""
    scene = Scene(Rules("from-cloud", has_condition=True))

    async def story(follower: Follower) -> None:
        for number in range(100):
            name = f"{number:03}"
            scene.store.create(name, lag=30 if number == 5 else 0)
            follower.told(name)
            await asyncio.sleep(1)
        await asyncio.sleep(20)

    simulate(during(scene, story))
    assert [f"{number:03}" for number in range(100)] == sorted(scene.names) == sorted(scene.settled)
    assert 1 == scene.meter.lates


def test_creation_in_the_future() -> None:
    """A message whose creation is an hour ahead of the store's clock is delivered, and those after it are, too."""
    scene = Scene()
    names = [f"{number}" for number in range(5)]

    async def story(follower: Follower) -> None:
        scene.store.visible[Entry(int((EPOCH + now() + 3600) * SECOND), "future")] = now()
        follower.told("future")
        await asyncio.sleep(10)
        for name in names:
            scene.store.create(name)
            follower.told(name)
            await asyncio.sleep(1)
        await asyncio.sleep(7200)

    simulate(during(scene, story))
    assert (["future", *names], ["future", *names]) == (scene.names, scene.settled)
    assert scene.record.watermark < (EPOCH + 1100) * SECOND


def test_backlog() -> None:
    """A backlog that is too long for one list is delivered in portions, in order."""
    scene = Scene()
    scene.store.most = 100

    async def story(follower: Follower) -> None:
        for number in range(1000):
            scene.store.create(f"{number}")
            await asyncio.sleep(0.002)
        running = asyncio.create_task(follower.run())
        await asyncio.sleep(60)
        follower.stop()
        await running

    simulate(story(scene.follower()))
    assert [f"{number}" for number in range(1000)] == scene.names


COUNT, PER_SECOND = 20_000, 20


async def _bursts(
    scene: Scene, tell: Callable[[str], None], chance: random.Random, unforeseen: set[str]
) -> dict[str, float]:
    """Create messages in bursts, tell of them late, twice or never; return when each was created.

    *unforeseen* gets those that the list shows after the settle time, and that are told of late or never.
    """
    loop, created = asyncio.get_running_loop(), dict[str, float]()
    while len(created) < COUNT:
        size = min(chance.choice((1, 1, 2, 5, 20, 60)), COUNT - len(created))
        for _ in range(size):
            name = f"{len(created):05}"
            slow = chance.random() < 0.01
            lag = chance.uniform(0.2, 4.0) if slow else chance.uniform(0.0, 0.05)
            scene.store.create(name, lag=lag)
            created[name] = now()
            is_told = False
            if chance.random() >= 0.005:  # otherwise the notification is lost
                copies = 1 + (chance.random() < 0.01)
                for _ in range(copies):
                    delay = chance.uniform(2, 30) if chance.random() < 0.01 else chance.uniform(0.02, 0.3)
                    is_told = is_told or delay < 0.5
                    loop.call_later(delay, tell, name)
            if lag > scene.rules.settle - 0.5 and not is_told:
                unforeseen.add(name)
            await asyncio.sleep(chance.expovariate(1000))
        await asyncio.sleep(chance.expovariate(PER_SECOND / size))
    return created


@pytest.mark.slow
def test_twenty_thousand_notifications() -> None:
    """With losses, repeats, bursts, a late list and three restarts, none is overtaken, lost, or acknowledged too early.

    Only what the list shows after the settle time, and what is also told of late or never, comes late.
    The delay from the creation to the delivery is at most the settle time and a second, for 99 of 100 messages.
    """
    scene, chance, unforeseen = Scene(), random.Random(SEED), set[str]()
    created: dict[str, float] = {}

    async def story() -> None:
        current: list[Follower] = [scene.follower()]
        running = asyncio.create_task(current[0].run())

        def tell(name: str) -> None:
            current[0].told(name)

        creating = asyncio.create_task(_bursts(scene, tell, chance, unforeseen))
        for _ in range(3):
            await asyncio.sleep(200)
            current[0].stop()
            await running
            current[0] = scene.follower()
            running = asyncio.create_task(current[0].run())
        created.update(await creating)
        await asyncio.sleep(100)
        current[0].stop()
        await running

    simulate(story())
    assert sorted(created) == sorted(scene.names)
    assert sorted(created.keys() - unforeseen) == [each for each in scene.names if each not in unforeseen]
    assert len(unforeseen) < 20
    assert [] == scene.early
    delays = sorted(at - created[name] for name, at in scene.delivered)
    assert delays[len(delays) * 99 // 100] <= scene.rules.settle + 1.0
