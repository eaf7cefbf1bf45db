"""What is written of the messages that are passed on, in simulated time."""

import asyncio

from adapters.events.hl7v2.following import Follower
from adapters.events.hl7v2.passing import Rules
from tests.adapters.events.hl7v2.simulated import Scene, during, told
from tests.adapters.events.virtual_time import simulate


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
