"""A model of the promise: any sequence of calls and crashes leaves every committed entry in exactly one state."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.process.loop import new_event_loop
from gateway.spool import (
    Committed,
    Delivered,
    Entry,
    Moved,
    Parked,
    Plan,
    RetryLater,
    Selection,
    Settlement,
    Spool,
    State,
    open_for_operator,
    open_spool,
)
from gateway.spool.log import emptying
from tests.gateway.spool.spools import LARGE, SETTINGS, FakeClock, make_message, payload

pytestmark = pytest.mark.slow

DESTINATIONS = ("a", "b")
KEYS = st.sampled_from(["k1", "k1", "k2", None])
TARGETS = st.sampled_from([("a",), ("b",), ("a", "b")])
IDENTITIES = st.sampled_from([None, "i1", "i1", "i2"])
PAYLOADS = st.sampled_from([b"one", b"two", LARGE + b"1", LARGE + b"2"])
SETTLEMENTS = st.sampled_from(
    [Delivered(), RetryLater("down", 0.0), RetryLater("down", 60.0), Parked("no"), Parked("no", hold_key=True)]
)
WINDOW = 1000.0
GIVEN_UP = (State.PARKED, State.DISCARDED)


@dataclass
class Expected:
    """What the model knows of an entry."""

    number: int
    destination: str
    ordering_key: str
    identity: str | None
    """Together with the payload where only that tells messages apart."""
    data: bytes
    committed: float
    state: State = State.WAITING
    holds: bool = False
    due: float = 0.0
    attempts: int = 0

    @property
    def queued(self) -> bool:
        """Whether those behind it with the same ordering key wait for it."""
        return self.state is State.WAITING or (self.state is State.PARKED and self.holds)


class SpoolMachine(RuleBasedStateMachine):
    """Does to the spool and to the model the same, and compares."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner(loop_factory=new_event_loop)
        self._root = Path(tempfile.mkdtemp())
        self._generation = 0
        self._clock = FakeClock()
        self._time = self._clock.now
        self._entries: dict[tuple[int, str], Expected] = {}
        self._messages = 0
        self._claimed: dict[str, tuple[Entry, Expected]] = {}
        self._open()

    @property
    def _data_dir(self) -> Path:
        return self._root / str(self._generation)

    def _open(self) -> None:
        self._stack = AsyncExitStack()
        opening = self._stack.enter_async_context(open_spool(self._data_dir, SETTINGS, clock=self._clock))
        self._spool: Spool = self._runner.run(opening)
        self._claimed.clear()

    def teardown(self) -> None:
        """Close the spool and remove what it left."""
        self._runner.run(self._stack.aclose())
        self._runner.close()
        shutil.rmtree(self._root)

    @rule(
        key=KEYS,
        names=TARGETS,
        payloads=st.lists(PAYLOADS, min_size=1, max_size=3),
        identity=IDENTITIES,
        by_content=st.sampled_from([False, False, False, True]),
    )
    def commit(
        self, key: str | None, names: tuple[str, ...], payloads: list[bytes], identity: str | None, by_content: bool
    ) -> None:
        """Queue each message for those destinations of which it is not the last of its identity already."""
        for data in payloads:
            self._messages += 1
            plan = Plan(names, key, identity, WINDOW, by_content)
            outcome = self._runner.run(self._spool.commit(make_message(data, str(self._messages)), plan))
            assert isinstance(outcome, Committed)
            named = f"{identity}, {data!r}" if identity and by_content else identity
            earlier = self._earlier(named, names, data)
            assert {name: each.state for name, each in earlier.items()} == outcome.earlier
            new = [name for name in names if name not in earlier or earlier[name].state in GIVEN_UP]
            assert (new == []) == outcome.duplicate
            self._add(
                Expected(self._messages, name, key or f"#{self._messages}", named, data, self._time) for name in new
            )

    @rule(destination=st.sampled_from(DESTINATIONS), limit=st.integers(1, 4), probe=st.booleans())
    def claim(self, destination: str, limit: int, probe: bool) -> None:
        """Hand out the heads of free ordering keys: the longest ready first, for a probe those never tried."""
        ready = self._ready(destination)
        entries = self._runner.run(self._spool.claim(destination, limit, probe=probe))
        numbers = [int(entry.message.message_id) for entry in entries]
        assert set(numbers) <= ready
        assert min(limit, len(ready)) == len(numbers) == len(set(numbers))
        if probe:
            tried = [bool(self._entries[number, destination].due) for number in numbers]
            assert sorted(tried) == tried
            left = [self._entries[number, destination].due for number in ready - set(numbers)]
            assert not any(tried) or all(left)
        else:
            assert numbers == sorted(ready, key=lambda number: self._since(number, destination))[:limit]
        for number, entry in zip(numbers, entries, strict=True):
            expected = self._entries[number, destination]
            assert expected.attempts == entry.attempts
            assert self._runner.run(self._spool.intact(entry))
            assert expected.data == self._runner.run(payload(entry))
            self._claimed[entry.entry_id] = entry, expected

    @precondition(lambda self: self._claimed)
    @rule(data=st.data(), settlement=SETTLEMENTS)
    def settle(self, data: st.DataObject, settlement: Settlement) -> None:
        """Settle; that counts unless an operator was faster."""
        entry, expected = self._claimed.pop(data.draw(st.sampled_from(sorted(self._claimed))))
        done = self._runner.run(self._spool.settle(entry, settlement))
        there = self._entries.get(self._name(expected))  # it may have been moved away, or away and back
        assert (there is not None and there.state is State.WAITING) == done
        if there is None or not done:
            return
        expected = there
        expected.attempts += 1
        match settlement:
            case Delivered():
                expected.state = State.DELIVERED
            case RetryLater(_, pause):
                expected.due = self._time + pause
            case Parked(_, hold_key):
                expected.state, expected.holds, expected.due = State.PARKED, hold_key, 0.0

    @precondition(lambda self: self._claimed)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Give a claim back, which changes nothing."""
        entry, _ = self._claimed.pop(data.draw(st.sampled_from(sorted(self._claimed))))
        self._spool.release(entry)

    @rule(destination=st.sampled_from([None, *DESTINATIONS]), state=st.sampled_from([None, *State]))
    def retry(self, destination: str | None, state: State | None) -> None:
        """Let what is parked wait again, and what pauses pause no longer."""
        meant = [each for each in self._meant(destination, state) if each.state is State.PARKED or each.due]
        assert len(meant) == self._runner.run(self._spool.retry(Selection(destination, state)))
        for each in meant:
            each.state, each.due, each.holds = State.WAITING, 0.0, False

    @precondition(lambda self: self._meant(None, None))
    @rule(data=st.data(), beside=st.booleans())
    def discard(self, data: st.DataObject, beside: bool) -> None:
        """Give up one entry, in the daemon or in a process beside it."""
        chosen = self._draw_undecided(data)
        assert 1 == self._runner.run(self._discard(self._selection(chosen), beside))
        chosen.state, chosen.due = State.DISCARDED, 0.0

    @rule(way=st.permutations(DESTINATIONS), state=st.sampled_from([None, *State]))
    def move(self, way: list[str], state: State | None) -> None:
        """Give what waits or is parked to the other destination, at its place, unless that has had it discarded."""
        source, target = way
        moved = Moved()
        for each in self._meant(source, state):
            there = self._entries.get((each.number, target))
            if there is not None and there.state is State.DISCARDED:
                moved += Moved(given_up=1)
                continue
            del self._entries[self._name(each)]
            moved += Moved(merged=1) if there else Moved(moved=1)
            if there is None:
                self._add([replace(each, destination=target, due=0.0, attempts=0)])
        assert moved == self._runner.run(self._spool.move(Selection(source, state), target, {"mllp"}))

    @precondition(lambda self: self._meant(None, None))
    @rule(data=st.data())
    def retry_one(self, data: st.DataObject) -> None:
        """Let one entry wait again."""
        chosen = self._draw_undecided(data)
        changes = chosen.state is State.PARKED or bool(chosen.due)
        assert int(changes) == self._runner.run(self._spool.retry(self._selection(chosen)))
        chosen.state, chosen.due, chosen.holds = State.WAITING, 0.0, False

    @rule(seconds=st.sampled_from([61.0, WINDOW + 1, -3600.0]))
    def turn_clock(self, seconds: float) -> None:
        """Time goes on; where the clock is stepped back, it stands still."""
        self._clock.now += seconds
        self._runner.run(self._spool.purge())  # any write: the spool remembers the time of its last one
        self._time += max(0.0, seconds)

    @rule(crash=st.booleans())
    def restart(self, crash: bool) -> None:
        """Forget the claims and nothing else: what is on the disk at the moment of a crash is the whole truth."""
        before = self._data_dir
        if crash:
            self._generation += 1
            shutil.copytree(before, self._data_dir)
        self._runner.run(self._stack.aclose())
        self._open()

    @invariant()
    def every_entry_is_in_its_state(self) -> None:
        """Nothing is lost, nothing is there twice, and the sums are right."""
        records = self._runner.run(self._spool.find(Selection(), limit=1000)).records
        found = [(int(each.message_id), each.destination, each.state, each.attempts) for each in records]
        expected = [(*self._name(each), each.state, each.attempts) for each in self._entries.values()]
        assert sorted(expected) == sorted(found)
        totals = {(total.destination, total.state): total.count for total in self._runner.run(self._spool.totals())}
        for (destination, state), count in totals.items():
            assert count == len(
                [1 for each in self._entries.values() if (each.destination, each.state) == (destination, state)]
            )

    @invariant()
    def what_is_ready_is_handed_out(self) -> None:
        """Whatever is the first of its ordering key and identity may be claimed, and nothing else."""
        for destination in DESTINATIONS:
            entries = self._runner.run(self._spool.claim(destination, 1000))
            for entry in entries:
                self._spool.release(entry)
            assert self._ready(destination) == {int(entry.message.message_id) for entry in entries}

    def _add(self, added: Iterable[Expected]) -> None:
        self._entries |= {self._name(each): each for each in added}

    def _name(self, expected: Expected) -> tuple[int, str]:
        return expected.number, expected.destination

    def _earlier(self, identity: str | None, names: tuple[str, ...], data: bytes) -> dict[str, Expected]:
        """Return by destination the last entry of the identity, if its payload is the same."""
        lasts = {
            each.destination: each
            for each in sorted(self._entries.values(), key=self._name)
            if identity is not None and each.identity == identity and each.destination in names
        }
        return {
            name: each
            for name, each in lasts.items()
            if each.data == data and (each.state is not State.DELIVERED or each.committed >= self._time - WINDOW)
        }

    def _since(self, number: int, destination: str) -> tuple[float, int]:
        each = self._entries[number, destination]
        return each.due or each.committed, number

    def _ready(self, destination: str) -> set[int]:
        """Return the numbers of the entries that the spool may hand out."""
        queues: dict[str, Expected] = {}
        named: dict[str, Expected] = {}
        for each in sorted(self._entries.values(), key=self._name):
            if each.destination == destination and each.queued:
                queues.setdefault(each.ordering_key, each)
            if each.destination == destination and each.state is State.WAITING:
                named.setdefault(each.identity or f"#{each.number}", each)
        claimed = [each for _, each in self._claimed.values() if each.destination == destination]
        return {
            each.number
            for each in queues.values()
            if each in named.values() and each.state is State.WAITING and each.due <= self._time
            if each.ordering_key not in {other.ordering_key for other in claimed}
            if each.number not in {other.number for other in claimed}
            if each.identity is None or each.identity not in {other.identity for other in claimed}
        }

    def _meant(self, destination: str | None, state: State | None) -> list[Expected]:
        return [
            each
            for each in self._entries.values()
            if each.state in (State.WAITING, State.PARKED)
            and destination in (None, each.destination)
            and state in (None, each.state)
        ]

    def _draw_undecided(self, data: st.DataObject) -> Expected:
        names = sorted(self._name(each) for each in self._meant(None, None))
        return self._entries[data.draw(st.sampled_from(names))]

    def _selection(self, chosen: Expected) -> Selection:
        records = self._runner.run(self._spool.find(Selection(), limit=1000)).records
        ids = {(int(each.message_id), each.destination): each.entry_id for each in records}
        return Selection(entry_ids=frozenset([ids[self._name(chosen)]]))

    async def _discard(self, selection: Selection, beside: bool) -> int:
        if not beside:
            return await self._spool.discard(selection, "given up")
        async with open_for_operator(self._data_dir, SETTINGS, clock=self._clock) as operations:
            return await operations.discard(selection, "given up")


SpoolMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSpool = SpoolMachine.TestCase


class MovingMachine(SpoolMachine):
    """Does the same with a log that holds very little: messages are in the database one moment and not the other."""

    def __init__(self) -> None:
        self._patch = pytest.MonkeyPatch()
        for name, value in {"MOST_MESSAGES": 3, "SLICE": 1, "ENOUGH_ENDED": 2, "IDLE_SECONDS": 0.0}.items():
            self._patch.setattr(emptying, name, value)
        super().__init__()

    def teardown(self) -> None:
        """Let the log hold as much as before."""
        super().teardown()
        self._patch.undo()


TestMoving = MovingMachine.TestCase
TestMoving.settings = settings(SpoolMachine.TestCase.settings, max_examples=30)
