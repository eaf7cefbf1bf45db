"""What ``hilum spool retry``, ``discard`` and ``move`` do beside a process that holds the spool open."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import pytest

from gateway.cli import spool_decisions
from gateway.spool import Parked, Plan, Selection, State
from tests.gateway.cli.operators import Operator
from tests.gateway.spool.spools import FakeClock, claim_one, make_message
from tests.gateway.spooled import REFUSED, Spooled, filled_spool


@pytest.mark.parametrize(
    "words",
    [["--all", "--reason-like", "refused"], ["--destination", "store"], ["--older-than", "90m", "--listener", "adt"]],
)
async def test_retry_many(spooled: Spooled, operator: Operator, words: list[str]) -> None:
    """What is parked waits again, and the process that holds the spool can claim it."""
    assert (0, b"retried: 2\n", "") == await operator("retry", *words)
    assert ["delivered", "waiting", "waiting", "waiting"] == await spooled.states()
    assert [spooled.parked, spooled.parked_large] == [each.entry_id for each in await spooled.spool.claim("store", 9)]


async def test_retry_ids(spooled: Spooled, operator: Operator) -> None:
    """Entries named by ID are retried alone."""
    assert (0, b"retried: 1\n", "") == await operator("retry", spooled.parked_large, spooled.delivered)
    assert ["delivered", "parked", "waiting", "waiting"] == await spooled.states()


async def test_discard(spooled: Spooled, operator: Operator) -> None:
    """What is parked is given up with the reason; what waits only when it is named or its state is."""
    assert (0, b"discarded: 2\n", "") == await operator(
        "discard", "--destination", "store", "--reason", "sent by hand", "--yes"
    )
    assert (State.DISCARDED, "sent by hand") == (await spooled.records())[spooled.parked]
    assert ["delivered", "discarded", "discarded", "waiting"] == await spooled.states()
    assert (0, b"discarded: 1\n", "") == await operator(
        "discard", "--destination", "other", "--state", "waiting", "--reason", "a test", "--yes"
    )


async def test_retry_where_nobody_delivers(spooled: Spooled, operator: Operator) -> None:
    """A destination that is not configured is named; what others deliver is retried unless it alone was meant."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone",)))
    line = (
        "hilum: destination: gone is not configured, so nobody would deliver its messages; put gone back into the"
        " configuration, or give its messages to another destination with"
        " `hilum spool move CONFIG --from gone --to NAME`"
    )
    assert (2, b"", line) == await operator("retry", "--destination", "gone")
    assert (1, b"retried: 0\n", line) == await operator("retry", "--state", "waiting", "--listener", "adt")
    assert (0, b"retried: 2\n", "") == await operator("retry", "--all", "--reason-like", "refused")


async def test_move(spooled: Spooled, operator: Operator) -> None:
    """What waits and what is parked goes to another destination, as far as it is meant."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone",)))
    await spooled.spool.commit(make_message(message_id="m5"), Plan(("gone", "other")))
    assert (0, b"moved: 1\n", "") == await operator("move", spooled.parked, "--from", "store", "--to", "other")
    assert (0, b"moved: 0\n", "") == await operator("move", "--from", "gone", "--to", "other", "--state", "parked")
    expected = b"moved: 1\nmerged: 1, because other has their messages already\n"
    assert (0, expected, "") == await operator("move", "--from", "gone", "--to", "other")
    totals = {(each.destination, str(each.state)): each.count for each in await spooled.spool.totals() if each.count}
    assert {
        ("other", "waiting"): 3,
        ("other", "parked"): 1,
        ("store", "parked"): 1,
        ("store", "delivered"): 1,
    } == totals


async def test_not_all_can_be_moved(spooled: Spooled, operator: Operator) -> None:
    """What the other destination does not take, or somebody gave up for it, is left, and the exit status says so."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone", "other")))
    await spooled.spool.discard(Selection("other"), "a test")
    for to, left in (
        ("archive", b"moved: 0\nleft: 1, because archive does not take messages of their protocol\n"),
        ("other", b"moved: 0\nleft: 1, because their messages were discarded for other\n"),
    ):
        line = "hilum: not all were moved; entries of gone that are unchanged: 1"
        assert (1, left, line) == await operator("move", "--from", "gone", "--to", to)
    waiting = [each for each in await spooled.spool.totals() if each.count and each.state is State.WAITING]
    assert ["gone"] == [each.destination for each in waiting]


async def test_move_without_a_gateway(tmp_path: Path, operator: Operator) -> None:
    """It works on what a stopped gateway has left."""
    async with filled_spool(tmp_path, FakeClock(time.time())):
        pass
    assert (0, b"moved: 2\n", "") == await operator("move", "--from", "store", "--to", "out")


DISCARD = ("discard", "--destination", "store", "--reason", "sent by hand")


async def test_discard_without_a_terminal(spooled: Spooled, operator: Operator) -> None:
    """Where nobody can be asked nothing is discarded, unless --yes says that it is meant."""
    before = await spooled.records()
    line = "hilum: --yes: is required without a terminal; 2 entries would be discarded, see --dry-run"
    assert (2, b"", line) == await operator(*DISCARD)
    assert before == await spooled.records()


@pytest.mark.parametrize(
    ("words", "what"),
    [((*DISCARD, "--yes"), "would be discarded: 2"), (("retry", "--destination", "store"), "would be retried: 2")],
    ids=["discard", "retry"],
)
async def test_dry_run(spooled: Spooled, operator: Operator, words: tuple[str, ...], what: str) -> None:
    """How many are meant, why they are parked and the first ones are shown; nothing is changed."""
    before = await spooled.records()
    status, out, err = await operator(*words, "--dry-run")
    lines = out.decode().splitlines()
    assert (0, "", what) == (status, err, lines[-1])
    assert ["store", "parked", "2"] == lines[1].split()[:3]
    assert [True, True] == [any(each in line for line in lines) for each in (spooled.parked, spooled.parked_large)]
    assert before == await spooled.records()


@pytest.mark.parametrize("command", ["discard", "retry"])
@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["", "dry run"])
async def test_nothing_is_selected(spooled: Spooled, operator: Operator, command: str, more: list[str]) -> None:
    """An empty selection is an error, because it is not what the operator meant."""
    reason = ["--reason", "a test", "--yes"] if command == "discard" else []
    status, out, err = await operator(command, "--destination", "other", *reason, *more)
    assert (1, b"", True) == (status, out, err.startswith("hilum: no waiting or parked entry is selected")), err


class Person:
    """Answers at a simulated terminal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
        self.asked = list[str]()
        self._answer = answer
        monkeypatch.setattr(spool_decisions, "is_terminal", lambda: True)
        monkeypatch.setattr(spool_decisions, "ask", self.ask)
        monkeypatch.setattr(spool_decisions, "say", lambda _: None)

    async def ask(self, question: str) -> bool:
        """Answer."""
        self.asked.append(question)
        return self._answer


QUESTIONS = {
    "discard": f"Discard 2 entries? {spool_decisions.GOES}",
    "retry": "Retry 2 entries now?",
}


@pytest.mark.parametrize("command", QUESTIONS)
@pytest.mark.parametrize("answer", [True, False])
async def test_who_is_asked(
    spooled: Spooled, operator: Operator, monkeypatch: pytest.MonkeyPatch, command: str, answer: bool
) -> None:
    """At a terminal the number is shown first, and only "yes" changes anything."""
    before, person = await spooled.records(), Person(monkeypatch, answer)
    words = DISCARD if command == "discard" else ("retry", "--destination", "store")
    status, out, err = await operator(*words)
    done = "discarded" if command == "discard" else "retried"
    expected = (0, f"{done}: 2\n".encode(), "") if answer else (1, b"", f"hilum: nothing was {done}")
    assert (expected, [QUESTIONS[command]]) == ((status, out, err), person.asked)
    assert answer is (before != await spooled.records())


async def test_nobody_is_asked_twice(spooled: Spooled, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --yes, and for a dry run, nobody is asked."""
    person = Person(monkeypatch, answer=False)
    for words in ((*DISCARD, "--dry-run"), ("retry", spooled.parked, "--yes"), (*DISCARD, "--yes")):
        assert 0 == (await operator(*words))[0]
    assert [] == person.asked


Meanwhile = Callable[[Callable[[], Awaitable[None]]], Coroutine[None, None, None]]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Say yes at a simulated terminal after something has happened; what, and in this loop, is the argument."""
    Person(monkeypatch, answer=True)
    go_on, happened = asyncio.Event(), threading.Event()

    async def happen(what: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()

        async def ask(_: str) -> bool:
            loop.call_soon_threadsafe(go_on.set)
            await asyncio.to_thread(happened.wait, 30)
            return True

        monkeypatch.setattr(spool_decisions, "ask", ask)
        await go_on.wait()
        await what()
        happened.set()

    return happen


RETRY = ("retry", "--destination", "store")


async def park_another(spooled: Spooled) -> None:
    """Let one more entry of the destination be parked."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("store",)))
    await spooled.spool.settle(await claim_one(spooled.spool), Parked("late"))


@pytest.mark.parametrize(("words", "done"), [(DISCARD, "discarded"), (RETRY, "retried")], ids=["discard", "retry"])
async def test_more_than_was_asked_about(
    spooled: Spooled, operator: Operator, meanwhile: Meanwhile, words: tuple[str, ...], done: str
) -> None:
    """What is parked while the question is read is not decided, because the answer is for what was selected before."""
    parking = asyncio.create_task(meanwhile(lambda: park_another(spooled)))
    assert (0, f"{done}: 2\n".encode(), "") == await operator(*words)
    await parking
    state = "discarded" if done == "discarded" else "waiting"
    assert ["delivered", state, state, "waiting", "parked"] == await spooled.states()


@pytest.mark.parametrize(("words", "done"), [(DISCARD, "discarded"), (RETRY, "retried")], ids=["discard", "retry"])
async def test_others_than_were_asked_about(
    spooled: Spooled, operator: Operator, meanwhile: Meanwhile, words: tuple[str, ...], done: str
) -> None:
    """Equally many entries are not the same entries: one that was shown is gone, another one has come."""

    async def exchange() -> None:
        await spooled.spool.discard(Selection(entry_ids=frozenset([spooled.parked])), "by another operator")
        await park_another(spooled)

    exchanging = asyncio.create_task(meanwhile(exchange))
    assert (0, f"{done}: 1\n".encode(), "") == await operator(*words)
    await exchanging
    state = "discarded" if done == "discarded" else "waiting"
    assert ["delivered", "discarded", state, "waiting", "parked"] == await spooled.states()


async def test_asked_about_in_steps(spooled: Spooled, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many entries are read at once, the answer is for all of them; no destination is forgotten."""
    monkeypatch.setattr(spool_decisions, "STEP", 1)
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone", "other")))
    person = Person(monkeypatch, answer=True)
    status, out, err = await operator("retry", "--state", "waiting", "--listener", "adt")
    assert (1, b"retried: 0\n", True) == (status, out, err.startswith("hilum: destination: gone is not configured"))
    status, out, _ = await operator("discard", "--listener", "adt", "--state", "waiting", "--reason", "a test")
    assert ((0, b"discarded: 2\n"), ["Retry 2 entries now?", f"Discard 2 entries? {spool_decisions.GOES}"]) == (
        (status, out),
        person.asked,
    )


async def test_who_did_it_and_why(spooled: Spooled, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record keeps both reasons and the operator, and ``list`` and ``show`` tell them."""
    monkeypatch.setattr(spool_decisions, "operator_name", lambda: "alice")
    await operator(*DISCARD, "--yes")
    _, out, _ = await operator("show", spooled.parked)
    record = json.loads(out)
    assert ("sent by hand", REFUSED, "alice") == (
        record["reason"],
        record["earlier_reason"],
        record["discarded_by"],
    )
    _, out, _ = await operator("list", "--state", "discarded")
    assert f"sent by hand (by alice; before: {REFUSED})" in out.decode()


async def test_what_the_audit_trail_is_told(
    spooled: Spooled, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each decision is an event with who, what and why; neither a dry run nor a mistake is one."""
    monkeypatch.setattr(spool_decisions, "operator_name", lambda: "alice")
    operator.audit(tmp_path / "audit.jsonl")
    await operator("retry", spooled.parked)
    await operator(*DISCARD, "--dry-run")
    await operator(*DISCARD)
    await operator(*DISCARD, "--yes")
    await operator("move", "--from", "other", "--to", "store")
    events = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [("110113", "110132", "alice")] * 3 == [
        (
            each["EventIdentification"]["EventID"]["csd-code"],
            each["EventIdentification"]["EventTypeCode"][0]["csd-code"],
            each["ActiveParticipant"][1]["UserID"],
        )
        for each in events
    ]
    told = [
        [
            base64.b64decode(detail["value"]).decode()
            for detail in each["ParticipantObjectIdentification"][0]["ParticipantObjectDetail"]
        ]
        for each in events
    ]
    assert [
        [f"retried: 1 spooled entries; IDs: {spooled.parked}"],
        ["discarded: 1 spooled entries; destination: store; state: parked", "sent by hand"],
        ["moved to store: 1 spooled entries; destination: other"],
    ] == told


async def test_no_decision_without_a_trace(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """Where the audit trail cannot be written, nothing is decided."""
    before = await spooled.records()
    operator.audit(tmp_path / "no folder" / "audit.jsonl")
    for words in ((*DISCARD, "--yes"), ("retry", spooled.parked)):
        status, _, err = await operator(*words)
        assert (2, True) == (status, ": audit.file: " in err), err
    assert before == await spooled.records()
