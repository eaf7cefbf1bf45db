"""What becomes of the messages that are ready, in simulated time."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from adapters.events.hl7v2.following import Follower
from adapters.events.hl7v2.passing import Rules, naming
from gateway.contract.meter import Passed
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from tests.adapters.events.hl7v2.simulated import Scene, during, now, told
from tests.adapters.events.virtual_time import simulate

REFUSED = Refused("no")


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


def test_naming() -> None:
    """A log has the store and the ID of a message, not the whole path."""
    assert {"source_name": "s/messages/x"} == naming("projects/p/locations/l/datasets/d/hl7V2Stores/s/messages/x")
