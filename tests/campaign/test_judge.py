"""The judge finds each kind of fault that is planted in a history, and nothing in one without faults."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from operator import methodcaller

import pytest

from tests.campaign.explanations import SENT_AGAIN, TOO_LATE, UNSETTLED
from tests.campaign.faults import Fault
from tests.campaign.history import GONE, STORED, History, Leftover
from tests.campaign.judge import Verdict, judge
from tests.campaign.pending import Pending
from tests.campaign.promises import SETTLE_SECONDS, STORE_PATIENCE, WIRE_SECONDS, Promise

PROMISES = {
    "adt": Promise(("store",)),
    "ct": Promise(("images",), ordered=False),
    "other": Promise(("images", "archive"), ordered=False),
    "relay": Promise(("store",), commit=False),
}
NEVER = "never answered"


class Past(History):
    """A history that a test writes; every step takes a second."""

    def __init__(self) -> None:
        super().__init__(clock=self._now)
        self.time = 0.0
        self._numbers = itertools.count()

    def _now(self) -> float:
        self.time += 1
        return self.time

    def send(
        self, name: str, content: str = "A", *, entrance: str = "adt", answer: str = "AA", key: str = "P1"
    ) -> None:
        """Send a message once; *answer* is NEVER or what came back."""
        self.try_again(next(self._numbers), name, content, entrance=entrance, answer=answer, key=key)

    def try_again(
        self, number: int, name: str, content: str = "A", *, entrance: str = "adt", answer: str = "AA", key: str = "P1"
    ) -> None:
        """Send message *number* again."""
        send = self.sent("sender", number, entrance, key, name, content)
        if answer != NEVER:
            self.answered(send, answer, positive=answer in {"AA", "0000"})

    def keep(self, name: str, content: str = "A", *, store: str = "store", told: str = STORED) -> None:
        """Let a store keep something and say so."""
        self.told(self.arrived(store, name, content), told)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


Step = Callable[[Past], None]
send, again, keep, wait, died, left, trouble = (
    partial(methodcaller, name) for name in ("send", "try_again", "keep", "wait", "died", "left", "trouble")
)


def answered_late(past: Past) -> None:
    """Let the store keep message 1 at once and say so much later."""
    arrival = past.arrived("store", "1", "A")
    past.wait(STORE_PATIENCE)
    past.told(arrival, STORED)


def verdict_of(steps: Sequence[Step], workers: int = 1, *, strict: bool = False) -> Verdict:
    """Return what the judge says of what happened in *steps*."""
    past = Past()
    for step in steps:
        step(past)
    return judge(past, workers, strict=strict, promises=PROMISES)


def image(content: str = "A", entrance: str = "ct") -> Step:
    """Send a version of the instance 1.2."""
    return send("1.2", content, entrance=entrance, answer="0000")


def archived(content: str = "A", store: str = "images", told: str = STORED) -> Step:
    """Let a store keep a version of the instance 1.2."""
    return keep("1.2", content, store=store, told=told)


NOTHING_WRONG: dict[str, list[Step]] = {
    "two messages": [send("1"), keep("1"), send("2"), keep("2")],
    "patients overtake each other": [send("1", key="P1"), send("2", key="P2"), keep("2"), keep("1")],
    "not acknowledged, sent again": [send("1", answer="AR"), again(0, "1"), keep("1")],
    "a repetition, recognised": [image(), archived(), image()],
    "a repetition for one more store": [image(), archived(), image(entrance="other"), archived(store="archive")],
    "a correction taken back": [image("A"), image("B"), image("A"), archived("A"), archived("B"), archived("A")],
    "replaced": [image("A"), archived("A"), image("B"), archived(GONE), archived("B")],
    "relayed": [
        send("1", entrance="relay", answer=NEVER),
        keep("1"),
        lambda past: past.answered(past.sends[0], "AA", positive=True),
    ],
}


@pytest.mark.parametrize("steps", NOTHING_WRONG.values(), ids=NOTHING_WRONG)
def test_nothing_is_wrong(steps: Sequence[Step]) -> None:
    """What is promised has happened, and what else happened breaks no promise."""
    verdict = verdict_of(steps)
    assert [] == verdict.findings
    assert Counter() == verdict.duplicates


FAULTS: dict[str, tuple[list[Step], list[Fault]]] = {
    "lost": ([send("1")], [Fault.MISSING]),
    "lost for one of two stores": ([image(entrance="other"), archived()], [Fault.MISSING]),
    "dropped as a duplicate, for another store": ([image(), archived(), image(entrance="other")], [Fault.MISSING]),
    "the last of A-B-A dropped": (
        [image("A"), archived("A"), image("B"), archived("B"), image("A")],
        [Fault.MISSING, Fault.STALE],
    ),
    "the last of A-B-A dropped, delivered late": (
        [image("A"), image("B"), image("A"), archived("A"), archived("B")],
        [Fault.STALE],
    ),
    "swapped": ([send("1"), send("2"), keep("2"), keep("1")], [Fault.ORDER]),
    "an older one again": ([send("1"), send("2"), keep("1", told="reset"), keep("2"), keep("1")], [Fault.ORDER]),
    "an older content again": (
        [image("A"), image("B"), image("C"), *(archived(each, told="reset") for each in "ABAC")],
        [Fault.ORDER],
    ),
    "an older content last": ([image("A"), image("B"), archived("B"), archived("A")], [Fault.ORDER, Fault.STALE]),
    "deleted": ([image(), archived(), archived(GONE)], [Fault.STALE]),
    "twice": ([send("1"), keep("1"), keep("1")], [Fault.DUPLICATE]),
    "twice, killed too long after": (
        [send("1"), keep("1"), wait(SETTLE_SECONDS), died("single process"), keep("1")],
        [Fault.DUPLICATE],
    ),
    "twice, killed before": (
        [send("1"), died("single process"), wait(WIRE_SECONDS + 1), keep("1"), keep("1")],
        [Fault.DUPLICATE],
    ),
    "sent again and not recognised": (
        [send("1", answer=NEVER), keep("1"), again(0, "1"), keep("1")],
        [Fault.DUPLICATE],
    ),
    "two merged": ([send("1"), keep("1", "A and B"), keep("1")], [Fault.FOREIGN]),
    "left in the spool": ([send("1"), keep("1"), left(Leftover("parked", "1", "store", ""))], [Fault.WAITING]),
    "relayed, and answered before it was stored": ([send("1", entrance="relay"), keep("1")], [Fault.UNTRUE]),
    "relayed, and not stored": ([send("1", entrance="relay")], [Fault.MISSING, Fault.UNTRUE]),
    "never acknowledged": ([send("1", answer="AR")], [Fault.UNANSWERED]),
    "a process that died": ([died("worker 7", planned=False)], [Fault.DIED]),
    "a standstill": ([trouble("standstill", "7 wait")], [Fault.TROUBLE]),
}


@pytest.mark.parametrize(("steps", "faults"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("workers", [1, 2])
def test_planted_fault_is_found(steps: Sequence[Step], faults: list[Fault], workers: int) -> None:
    """Each planted fault is found under its name, and no other."""
    assert faults == [finding.fault for finding in verdict_of(steps, workers).findings]


EXPLAINED: dict[str, list[Step]] = {
    "the store's answer was lost (reset after storing)": [send("1"), keep("1", told="reset after storing"), keep("1")],
    UNSETTLED: [send("1"), keep("1"), died("worker"), keep("1")],
    TOO_LATE: [send("1"), answered_late, keep("1")],
    SENT_AGAIN: [
        send("1", entrance="relay", answer=NEVER),
        keep("1"),
        again(0, "1", entrance="relay", answer=NEVER),
        keep("1"),
        lambda past: past.answered(past.sends[1], "AA", positive=True),
    ],
}


@pytest.mark.parametrize(("reason", "steps"), EXPLAINED.items(), ids=EXPLAINED)
def test_duplicate_is_explained(reason: str, steps: Sequence[Step]) -> None:
    """A duplicate that has one of the permitted causes is counted under it and is no fault."""
    verdict = verdict_of(steps)
    assert [] == verdict.findings
    assert Counter({reason: 1}) == verdict.duplicates


ACROSS_A_DEATH: dict[str, tuple[list[Step], list[Fault]]] = {
    "swapped": ([send("1"), died("worker"), send("2"), keep("2"), keep("1")], [Fault.ORDER]),
    "an older content last": (
        [image("A"), died("worker"), image("B"), archived("B"), archived("A")],
        [Fault.ORDER, Fault.STALE],
    ),
}


@pytest.mark.parametrize(("steps", "faults"), ACROSS_A_DEATH.values(), ids=ACROSS_A_DEATH)
@pytest.mark.parametrize(("workers", "strict", "is_fault"), [(1, False, True), (2, True, True), (2, False, False)])
def test_where_the_promise_of_order_ends(
    workers: int,
    strict: bool,
    is_fault: bool,
    steps: Sequence[Step],
    faults: list[Fault],
) -> None:
    """With several workers what overtakes across a death is counted apart, unless the judge is strict."""
    verdict = verdict_of(steps, workers, strict=strict)
    assert faults == [each.fault for each in (verdict.findings if is_fault else verdict.beyond)]
    assert [] == (verdict.beyond if is_fault else verdict.findings)


def test_where_the_promise_of_order_ends_in_relay_mode() -> None:
    """A try that its sender gave up may arrive late; a message that was sent once may not."""
    given_up = [send("1", entrance="relay", answer="AR"), again(0, "1", entrance="relay"), send("2", entrance="relay")]
    late = [*given_up, keep("1"), keep("2"), keep("1")]
    assert [Fault.ORDER] == [finding.fault for finding in verdict_of(late).beyond]
    sent_once = [send("1", entrance="relay"), send("2", entrance="relay"), keep("2"), keep("1")]
    assert [] == verdict_of(sent_once).beyond
    assert Fault.ORDER in {finding.fault for finding in verdict_of(sent_once).findings}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_repetition_is_recognised_by_every_worker(workers: int) -> None:
    """What is sent again after a death is a duplicate, also where it reaches another worker's queue."""
    steps = [send("1", answer=NEVER), keep("1"), wait(SETTLE_SECONDS), died("worker"), again(0, "1"), keep("1")]
    verdict = verdict_of(steps, workers)
    assert [Fault.DUPLICATE] == [finding.fault for finding in verdict.findings]
    assert Counter() == verdict.duplicates


def test_story_tells_what_happened() -> None:
    """A finding brings the message's tries and arrivals with their times."""
    (finding,) = verdict_of([send("1"), keep("1"), keep("1")]).findings
    assert [
        "1.000 sender #0 sent A to adt; AA (positive) at 2.000",
        "3.000 store kept A; told 'stored' at 4.000",
        "5.000 store kept A; told 'stored' at 6.000",
    ] == finding.story


def test_what_is_missing_tells_how_it_was_turned_away() -> None:
    """A missing message that the store has seen can be told from one that never left the gateway."""
    (offered,) = verdict_of([send("1"), methodcaller("not_kept", "store", ("1",), "a page instead")]).findings
    assert "1 (A) is not in store; the store's last answer to it: a page instead" == offered.text
    (withheld,) = verdict_of([send("1")]).findings
    assert "1 (A) is not in store; never offered to the store" == withheld.text


def test_story_tells_the_rest_of_the_name() -> None:
    """What was sent under the same name for another store is part of the story."""
    (finding,) = verdict_of([image(), archived(), image(entrance="other")]).findings
    assert "archive" in finding.text
    assert any("to ct" in line for line in finding.story)


def test_pending_is_what_is_acknowledged_and_not_kept() -> None:
    """While it happens as much is waited for as the judge would miss, poison apart."""
    past, pending = Past(), Pending(PROMISES)
    past.listeners.append(pending)
    past.send("1")
    past.send("2-666")
    past.keep("3")
    past.send("3")
    assert {("store", "1", "A"), ("store", "3", "A")} == set(pending.waiting)
    assert {("store", "2-666", "A")} == set(pending.poisoned)
    past.keep("1")
    past.keep("3")
    past.send("3")
    past.try_again(9, "4", answer=NEVER)
    past.keep("4")
    past.try_again(9, "4")
    assert {} == pending.waiting
