"""Records through a destination."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.cli.prepared import sending
from gateway.cli.prepared.progress import open_progress
from gateway.cli.prepared.sending import HELD, Limits, Sending
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.sending import Answered
from gateway.kinds import KINDS

AWAY = Unavailable("the store is away", outlook=Outlook.BUSY)
Decide = Callable[[str, int], Outcome]


class Store:
    """A destination that decides by the ID of a resource and the number of the try."""

    def __init__(self, decide: Decide = lambda _, __: Stored()) -> None:
        self.decide = decide
        self.tries: Counter[str] = Counter()
        self.messages: list[Message] = []
        self.ended: list[str] = []
        self.now: set[str] = set()
        self.most_at_once = 0
        self.pause = 0.0

    async def __call__(self, message: Message) -> Outcome:
        """Take a resource."""
        assert isinstance(message.body, WholeBody)
        name = str(json.loads(message.body.data)["id"])
        self.tries[name] += 1
        self.messages.append(message)
        self.now.add(name)
        self.most_at_once = max(self.most_at_once, len(self.now))
        await asyncio.sleep(self.pause)
        self.now.discard(name)
        self.ended.append(name)
        return self.decide(name, self.tries[name])


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.001)


def observation(name: str, patient: str) -> str:
    """Return a resource about a patient."""
    return json.dumps({"resourceType": "Observation", "id": name, "subject": {"reference": f"Patient/{patient}"}})


def organization(name: str) -> str:
    """Return a resource about nobody."""
    return json.dumps({"resourceType": "Organization", "id": name})


class Run:
    """Sends lines of one file, several times perhaps."""

    def __init__(self, folder: Path) -> None:
        self.path, self.progress = folder / "a.ndjson", folder / "progress"

    def write(self, lines: Sequence[str]) -> None:
        """Write the file."""
        self.path.write_text("\n".join(lines) + "\n")

    async def send(self, store: Store, concurrency: int = 4, patience: float = 30) -> tuple[list[Answered], str]:
        """Send what is left; return what is told, and why it has stopped."""
        with open_progress(self.progress, [self.path], restart=False) as progress:
            limits = Limits(concurrency, patience)
            one = Sending([self.path], KINDS.listeners["http"], store, progress, limits)
            return [each async for each in one.run() if not each.is_skipped], one.stopped


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a sending."""
    return Run(tmp_path)


def told(answers: Sequence[Answered]) -> list[tuple[int, str, str]]:
    """Return line, answer and detail of those that are not stored."""
    return [(int(each.source.rpartition(":")[2]), each.answer, each.detail) for each in answers if not each.positive]


async def test_order_and_concurrency(run: Run) -> None:
    """Several patients are sent at a time, as many as allowed; the records of each in their order."""
    names = [f"{patient}{number}" for number in range(5) for patient in "abcdef"]
    run.write([observation(name, name[0]) for name in names])
    store = Store()
    store.pause = 0.01
    answers, stopped = await run.send(store)
    assert (30, [], "", 4) == (len(answers), told(answers), stopped, store.most_at_once)
    for patient in "abcdef":
        assert [f"{patient}{number}" for number in range(5)] == [each for each in store.ended if each[0] == patient]


async def test_refused(run: Run) -> None:
    """A refused record is told by file and line; what follows is sent, and nothing again in the next run."""
    run.write([observation("a1", "a"), "{Doe", observation("a2", "a"), "", '{"id": "Doe"}', observation("a3", "a")])
    store = Store(lambda name, _: Refused("invalid at Observation.status") if name == "a2" else Stored())
    answers, stopped = await run.send(store)
    assert [
        (2, "refused", "the body is not JSON"),
        (3, "refused", "invalid at Observation.status"),
        (5, "refused", "it is no resource: it is not a JSON object with a resourceType"),
    ] == sorted(told(answers))
    assert ("", ["a1", "a2", "a3"]) == (stopped, store.ended)
    assert ([], "") == await run.send(store)
    assert 3 == len(store.messages)


async def test_tried_again(run: Run) -> None:
    """While the store is away a record is tried again; a try that may have stored it is said with the next one."""
    run.write([observation("a1", "a")])
    maybe = Unavailable("no reply", maybe_stored=True, outlook=Outlook.DOUBTFUL)
    outcomes: list[Outcome] = [AWAY, maybe, AWAY, Stored()]
    store = Store(lambda _, number: outcomes[number - 1])
    answers, _ = await run.send(store)
    assert ([], [False, False, True, True]) == (told(answers), [each.maybe_stored for each in store.messages])


async def test_away_for_too_long(run: Run) -> None:
    """If the store is away for longer than the patience, the sending stops; the next run goes on from there."""
    run.write([observation(f"{patient}{number}", patient) for patient in "ab" for number in (1, 2)])
    store = Store(lambda name, _: Stored() if name == "a1" else AWAY)
    answers, stopped = await run.send(store, concurrency=1, patience=0.05)
    assert "the store is away" == stopped
    assert (2, "-", "the store is away") in told(answers)
    store.decide = lambda _, __: Stored()
    answers, stopped = await run.send(store)
    assert ([], "", 3) == (told(answers), stopped, len(answers))


async def test_one_record_in_doubt(run: Run) -> None:
    """A record whose fate stays in doubt holds those behind it of its patient, and others go on; later all are sent."""
    run.write([observation("a1", "a"), observation("b1", "b"), observation("a2", "a"), observation("b2", "b")])
    doubtful = Unavailable("unreadable", maybe_stored=True, outlook=Outlook.DOUBTFUL)
    store = Store(lambda name, _: doubtful if name == "a1" else Stored())
    answers, stopped = await run.send(store)
    assert ([(1, "-", "unreadable"), (3, "-", HELD)], "") == (sorted(told(answers)), stopped)
    assert (sending.MOST_DOUBTFUL, 0, 1) == (store.tries["a1"], store.tries["a2"], store.tries["b2"])
    store.decide = lambda _, __: Stored()
    store.ended.clear()
    await run.send(store)
    assert ["a1", "a2"] == store.ended


async def test_nobody_goes_on_without_an_organization(run: Run) -> None:
    """If a record about nobody cannot be stored for now, the sending stops: others may refer to it."""
    run.write([organization("o1"), observation("a1", "a")])
    store = Store(lambda _, __: Unavailable("not now", outlook=Outlook.FINAL))
    answers, stopped = await run.send(store)
    assert ([(1, "-", "not now")], "not now", 0) == (told(answers), stopped, store.tries["a1"])


@pytest.mark.slow
async def test_a_message_that_only_it_cannot_store(run: Run) -> None:
    """A record that fails while others are stored is given up after a number of tries."""
    names = [f"{letter}{number}" for number in range(60) for letter in "bc"]
    run.write([observation("a1", "a"), *(observation(name, name) for name in names)])
    store = Store(lambda name, _: AWAY if name == "a1" else Stored())
    store.pause = 0.002
    answers, _ = await run.send(store)
    assert [(1, "-", "the store is away")] == told(answers)


async def test_in_doubt_after_a_crash(run: Run) -> None:
    """What may have been in flight when the process was killed is marked as maybe stored when it is sent again."""
    run.write([observation(str(number), str(number)) for number in range(1, 4)])
    store = Store()
    await run.send(store)
    run.progress.write_bytes(run.progress.read_bytes().replace(b"0 2 s\n", b""))
    again = Store()
    await run.send(again)
    assert ([False] * 3, ["2"], [True]) == (
        [each.maybe_stored for each in store.messages],
        again.ended,
        [each.maybe_stored for each in again.messages],
    )


async def test_many_records(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a part of a large file is read ahead."""
    monkeypatch.setattr(sending, "MOST_WAITING", 100)
    run.write([observation(str(number), str(number % 7)) for number in range(2000)])
    store = Store()
    answers, _ = await run.send(store, concurrency=16)
    assert (2000, 2000) == (len(answers), len(set(store.ended)))


async def test_an_unreadable_file(run: Run) -> None:
    """A file that cannot be read is told, and is not done with."""
    run.write([observation("a1", "a")])
    with open_progress(run.progress, [run.path], restart=False) as progress:
        gone = run.path.parent / "gone.json"
        one = Sending([gone], KINDS.listeners["http"], Store(), progress, Limits(1, 1))
        answers = [each async for each in one.run()]
        assert (0, 1) not in progress
    assert [(2, "-", "the file cannot be read from here on: No such file or directory")] == told(answers)
