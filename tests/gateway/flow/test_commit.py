"""Commit mode's answer: committed when the message is durable, and not before."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import structlog

from gateway.contract.journal import Passages
from gateway.contract.message import Message
from gateway.contract.outcome import Stored, Unavailable
from gateway.flow.commit import Commit
from gateway.spool.interface import Committed, Plan, State
from tests.gateway.fakes import make_message


class FakeSpool:
    """A spool that records plans and commits when the test allows it."""

    def __init__(self, result: Committed | Unavailable) -> None:
        self.result = result
        self.plans: list[Plan] = []
        self.may_commit = asyncio.Event()

    async def commit(self, message: Message, plan: Plan) -> Committed | Unavailable:
        """Wait for the test, then give its result."""
        self.plans.append(plan)
        await self.may_commit.wait()
        return self.result


def commit(spool: Any, seconds: list[float], destinations: Sequence[str] = ("a", "b")) -> Commit:
    """Return a commit that orders everything under one key."""
    return Commit(spool, tuple(destinations), lambda _: "key", 60.0, seconds.append)


async def test_stored_when_durable() -> None:
    """The outcome waits for the spool, and then says that the message is committed, which is not yet stored."""
    spool, seconds = FakeSpool(Committed("1")), list[float]()
    answer = asyncio.create_task(commit(spool, seconds)(make_message(listener="adt")))
    await asyncio.sleep(0)
    assert not answer.done()
    spool.may_commit.set()
    assert Stored(is_committed=True) == await answer
    assert 1 == len(seconds)
    assert [Plan(("a", "b"), "key", "control_id|adt|||C1", 60.0, by_content=False)] == spool.plans


async def test_duplicate_is_stored() -> None:
    """A message that is known again gets the same positive answer."""
    spool = FakeSpool(Committed("1", duplicate=True))
    spool.may_commit.set()
    assert Stored(is_committed=True) == await commit(spool, [])(make_message())


EARLIER = {
    State.WAITING: "duplicate_recognised",
    State.DELIVERED: "duplicate_recognised",
    State.PARKED: "duplicate_queued_again",
    State.DISCARDED: "duplicate_queued_again",
}


@pytest.mark.parametrize(("state", "event"), EARLIER.items())
async def test_what_became_of_the_first_is_logged(state: State, event: str) -> None:
    """The log says for each destination what became of a message that is sent again, and whether it is tried again."""
    spool = FakeSpool(Committed("1", earlier={"a": state}))
    spool.may_commit.set()
    with structlog.testing.capture_logs() as lines:
        await commit(spool, [])(make_message())
    assert [(event, "a", str(state), "C1")] == [
        (line["event"], line["destination"], line["earlier"], line["control_id"]) for line in lines
    ]


async def test_no_room() -> None:
    """If the spool has no room, the outcome is unavailable, and no commit is counted."""
    spool, seconds = FakeSpool(Unavailable("the spool is full")), list[float]()
    spool.may_commit.set()
    assert Unavailable("the spool is full") == await commit(spool, seconds)(make_message())
    assert [] == seconds


PASSED = {
    "new": ({}, ""),
    "known to all": ({"a": State.WAITING, "b": State.DELIVERED}, "duplicate"),
    "known to one": ({"a": State.WAITING}, ""),
    "discarded before": ({"a": State.DELIVERED, "b": State.DISCARDED}, ""),
}


@pytest.mark.parametrize(("earlier", "word"), PASSED.values(), ids=PASSED)
async def test_passages(earlier: dict[str, State], word: str) -> None:
    """The journal can find where a message goes; it is a duplicate only if no destination gets it again."""
    spool = FakeSpool(Committed("1", earlier=earlier))
    spool.may_commit.set()
    passages: Passages = {}
    message = make_message()
    await replace(commit(spool, []), passages=passages)(message)
    assert {message.message_id: ("a,b", 0, word)} == passages
