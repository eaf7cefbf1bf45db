"""A follower in simulated time."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.following import Follower, Rules, short
from adapters.events.instants import SECOND
from gateway.contract.meter import Passed
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from tests.adapters.events.hl7v2.simulated import EPOCH, Scene, now
from tests.adapters.events.virtual_time import simulate
from tests.seeds import SEED

REFUSED = Refused("no")


async def during(scene: Scene, story: Callable[[Follower], Coroutine[Any, Any, None]]) -> None:
    """Run a follower while *story* goes on, and end it afterwards."""
    follower = scene.follower()
    running = asyncio.create_task(follower.run())
    await story(follower)
    follower.stop()
    await running


def told(scene: Scene, *names: str, wait: float = 10.0) -> None:
    """Create and tell messages one after another, and wait."""

    async def story(follower: Follower) -> None:
        for name in names:
            scene.store.create(name)
            follower.told(name)
            await asyncio.sleep(0.01)
        await asyncio.sleep(wait)

    simulate(during(scene, story))


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


def test_unavailable_holds() -> None:
    """While the destination cannot take a message, all later ones wait; nothing is settled, and the lag grows."""
    scene = Scene(answer=lambda _: Stored() if now() > 1100 else Unavailable("away"))
    told(scene, "a", "b", wait=50)
    assert ([], []) == (scene.names, scene.settled)
    assert max(scene.meter.lags) > 30


def test_refused_holds_in_relay_mode() -> None:
    """A refused message is tried again until it is taken; it is not acknowledged away, and none overtakes it."""
    scene = Scene(answer=lambda name: REFUSED if name == "a" and now() < 1030 else Stored())
    told(scene, "a", "b", wait=100)
    assert (["a", "b"], True) == (scene.names, scene.meter.refusals > 3)


def test_deleted_message_frees_those_behind_it() -> None:
    """When a message that is refused is deleted from the store, the next ones are delivered."""
    scene = Scene(answer=lambda name: REFUSED if name == "a" else Stored())

    async def story(follower: Follower) -> None:
        entry = scene.store.create("a")
        await asyncio.sleep(0.1)
        scene.store.create("b")
        follower.told("b")
        await asyncio.sleep(20)
        assert [] == scene.names
        del scene.store.visible[entry]
        await asyncio.sleep(120)

    simulate(during(scene, story))
    assert (["b"], [Passed.GONE, Passed.DELIVERED]) == (scene.names, scene.meter.results)


@pytest.mark.parametrize("times", [1, 3, 4, 30])
def test_message_that_is_missing_for_a_moment(times: int) -> None:
    """A message that the list shows is delivered, however often the store says that it is not there."""
    scene = Scene()
    scene.store.missing["b"] = times
    told(scene, "a", "b", "c", wait=600)
    assert (["a", "b", "c"], ["a", "b", "c"]) == (scene.names, scene.settled)


def test_gone_is_told() -> None:
    """A message that was deleted between the list and its turn is a warning in the log."""
    scene = Scene()

    async def story(follower: Follower) -> None:
        entry = scene.store.create("a")
        scene.store.missing["a"] = 1
        follower.told("a")
        await asyncio.sleep(2.5)
        del scene.store.visible[entry]
        await asyncio.sleep(30)

    with capture_logs() as logs:
        simulate(during(scene, story))
    assert ([Passed.GONE], 1) == (scene.meter.results, sum(each["event"] == "source_message_gone" for each in logs))


def test_skip() -> None:
    """With `on_refused: skip` a refused message is counted, and the next one is delivered."""
    scene = Scene(Rules("from-cloud", skips=True), answer=lambda name: REFUSED if name == "a" else Stored())
    told(scene, "a", "b")
    assert (["b"], [Passed.SKIPPED, Passed.DELIVERED]) == (scene.names, scene.meter.results)


RESULTS: dict[str, tuple[str, Outcome, Passed]] = {
    "no route takes it": ("a", NO_ROUTE, Passed.UNROUTED),
    "its label says that Hilum has ingested it": ("own-a", Stored(), Passed.OWN),
    "the ledger says that Hilum has ingested it": ("known", Stored(), Passed.OWN),
    "it is delivered": ("a", Stored(), Passed.DELIVERED),
}


@pytest.mark.parametrize(("name", "outcome", "result"), RESULTS.values(), ids=RESULTS)
def test_results(name: str, outcome: Outcome, result: Passed) -> None:
    """What becomes of a message; in each case its notification is settled."""
    scene = Scene(own={"known"}, answer=lambda _: outcome)
    told(scene, name)
    assert ([result], [name]) == (scene.meter.results, scene.settled)
    assert ([name] if result is Passed.DELIVERED else []) == scene.names


def test_unreadable_message_holds() -> None:
    """A message that the store gives in a form that cannot be read is not passed by."""
    scene = Scene()
    scene.store.unreadable.add("a")
    told(scene, "a", "b", wait=50)
    assert ([], "store") == (scene.names, scene.meter.failures[0])


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


def test_record_fails() -> None:
    """While it cannot be written what was delivered, nothing is settled and nothing more is delivered."""
    scene = Scene(Rules("from-cloud", keeps_each=True))
    scene.record.failures = 4
    told(scene, "a", "b", wait=2.2)
    assert (["a"], []) == (scene.names, scene.settled)
    scene = Scene(Rules("from-cloud", keeps_each=True))
    scene.record.failures = 4
    told(scene, "a", "b", wait=30)
    assert (["a", "b"], ["a", "b"]) == (scene.names, scene.settled)


def test_message_that_was_told_again() -> None:
    """A notification that comes again after its message was delivered is settled at once."""
    scene = Scene()

    async def story(follower: Follower) -> None:
        scene.store.create("a")
        follower.told("a")
        await asyncio.sleep(5)
        follower.told("a")
        await asyncio.sleep(0)
        assert ["a", "a"] == scene.settled

    simulate(during(scene, story))
    assert ["a"] == scene.names


def test_memory_while_a_message_is_held() -> None:
    """Nothing is fetched ahead while the first message cannot be delivered."""
    scene = Scene(answer=lambda _: Unavailable("away"))
    names = [f"{number:02}" for number in range(40)]
    told(scene, *names, wait=2.5)
    before = len(scene.store.gets)
    assert before < 40
    scene = Scene(answer=lambda _: Unavailable("away"))
    told(scene, *names, wait=3600)
    assert {"00"} == {*scene.store.gets[before:]}


def test_large_message() -> None:
    """A message that is too large to be fetched ahead is fetched when its turn has come."""
    scene = Scene()
    told(scene, "a", "large", "b")
    assert (["a", "large", "b"], 2) == (scene.names, scene.store.gets.count("large"))


def test_skip_of_what_cannot_be_read() -> None:
    """With `on_refused: skip` a message that the store does not give in a readable form is passed by after a time."""
    scene = Scene(Rules("from-cloud", skips=True))
    scene.store.unreadable.add("a")
    told(scene, "a", "b", wait=1000)
    assert (["b"], [Passed.SKIPPED, Passed.DELIVERED]) == (scene.names, scene.meter.results)


MAYBE = Unavailable("silence", maybe_stored=True)


def test_maybe_is_remembered() -> None:
    """The destination is told of an earlier attempt that may have stored the message, until it is delivered."""
    answers = iter([MAYBE, Unavailable("away"), MAYBE])
    scene = Scene(answer=lambda _: next(answers, Stored()))
    told(scene, "a", "b", wait=60)
    assert [False, True, True, True, False] == [maybe for _, maybe, _ in scene.sent]
    assert ["a", "b"] == scene.names


@pytest.mark.parametrize(("keeps_each", "expected"), [(True, [True, False]), (False, [False, False])])
def test_maybe_over_a_restart(keeps_each: bool, expected: list[bool]) -> None:
    """In relay mode what is older than the process may have been sent by an earlier one; the spool knows by itself."""
    scene = Scene(Rules("from-cloud", keeps_each=keeps_each))

    async def story() -> None:
        scene.store.create("a")
        await asyncio.sleep(5)
        follower = scene.follower()
        running = asyncio.create_task(follower.run())
        await asyncio.sleep(5)
        scene.store.create("b")
        follower.told("b")
        await asyncio.sleep(5)
        follower.stop()
        await running

    simulate(story())
    assert expected == [maybe for _, maybe, _ in scene.sent]


ENDLESS: dict[str, tuple[Outcome, bool, int]] = {
    "each attempt may have stored it, skip": (MAYBE, True, 30),
    "each attempt may have stored it, hold": (MAYBE, False, 50),
    "it asks for no answer, skip": (replace(MAYBE, outlook=Outlook.FINAL), True, 1),
    "it asks for no answer, hold": (replace(MAYBE, outlook=Outlook.FINAL), False, 26),
    "the receiver says busy each time, skip": (Unavailable("busy", outlook=Outlook.DOUBTFUL), True, 10),
}


@pytest.mark.parametrize(("outcome", "skips", "most"), ENDLESS.values(), ids=ENDLESS)
def test_no_endless_copies(outcome: Outcome, skips: bool, most: int) -> None:
    """In a day, a message that may be stored each time is sent a bounded number of times; `skip` then goes on."""
    scene = Scene(Rules("from-cloud", skips=skips), answer=lambda name: outcome if name == "a" else Stored())
    told(scene, "a", "b", wait=86400)
    assert most >= sum(name == "a" for name, _, _ in scene.sent)
    assert (["b"] if skips else []) == scene.names


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


def test_record_says_more_than_the_memory() -> None:
    """A message that was passed on long ago is not delivered again when its notification comes again."""
    scene = Scene()

    async def story(follower: Follower) -> None:
        old = scene.store.create("a")
        scene.record.passed["a"] = old.created
        await asyncio.sleep(1000)
        follower.told("a")
        await asyncio.sleep(20)

    simulate(during(scene, story))
    assert ([], ["a"]) == (scene.names, [*{*scene.settled}])


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


def test_short() -> None:
    """A log has the store and the ID of a message, not the whole path."""
    assert "s/messages/x" == short("projects/p/locations/l/datasets/d/hl7V2Stores/s/messages/x")


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
