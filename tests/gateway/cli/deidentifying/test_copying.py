"""A run from store to store tries again what may pass, counts what is refused, and stops when nothing succeeds."""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import IO, cast

import pytest

from gateway.cli.deidentifying import copying
from gateway.cli.deidentifying.copying import Copying, Ends
from gateway.cli.deidentifying.output import locked
from gateway.cli.deidentifying.record import open_record
from gateway.cli.deidentifying.results import Result
from gateway.contract.destination import Destination
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.release import Release
from gateway.contract.store_listing import Item, ListingError
from tests.gateway.cli.deidentifying.support import patient

RELEASE = Release({}, "keyed", "00cf2700", "abc", lambda name: name.encode().hex())
Deliver = Callable[[Message], Awaitable[Outcome]]


class Held:
    """A store that holds some patients."""

    def __init__(self, fetches: Sequence[Callable[[IO[bytes]], Awaitable[Unavailable | None]]]) -> None:
        self._fetches = fetches

    async def items(self) -> AsyncIterator[Item]:
        """Yield them; None among them is a listing that fails."""
        for number, fetch in enumerate(self._fetches):
            if fetch is None:
                raise ListingError("the store does not say what it holds")
            yield Item(f"Patient/{number}", fetch)


class To:
    """A destination that answers in turn."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self.taken: list[Message] = []

    async def deliver(self, message: Message) -> Outcome:
        """Answer."""
        self.taken.append(message)
        return self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]


async def good(file: IO[bytes]) -> None:
    """Write a patient."""
    file.write(patient(1))


async def run(folder: Path, fetches: Sequence[object], to: To) -> tuple[Copying, list[Result]]:
    """Run once; return what it tells."""
    results = list[Result]()
    ends = Ends("fhir", Held(fetches), cast("Destination", to))  # type: ignore[arg-type]
    with locked(folder) as own, open_record(own, RELEASE, folder) as record:
        run = Copying(ends, folder, record, RELEASE.name_of, lambda _, result: results.append(result))
        await run.run()
    return run, results


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pauses short."""
    monkeypatch.setattr(copying, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(copying, "LONGEST_PAUSE", 0.0)


async def test_again(tmp_path: Path) -> None:
    """A failure that passes is tried again; what is done is not done a second time."""
    to = To(Unavailable("away"), Stored())
    one, results = await run(tmp_path, [good], to)
    assert [(each.outcome, each.done) for each in results] == [("written", 1)]
    assert len(to.taken) == 2
    again, results = await run(tmp_path, [good, good], to)
    assert (again.before, again.items, len(to.taken)) == (1, 2, 3)
    assert [each.done for each in results] == [1, 1]
    assert one.stopped == again.stopped == ""


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Refused("step a: The message cannot be de-identified, so it is held back: why", by_step=True), "why"),
        (Refused("it has a flaw"), "the store refuses it: it has a flaw"),
    ],
)
async def test_refused(outcome: Outcome, reason: str, tmp_path: Path) -> None:
    """What is refused is counted by its reason, and not tried again by the next run."""
    to = To(outcome)
    for _ in range(2):
        _, (result,) = await run(tmp_path, [good], to)
        assert (result.outcome, result.held, result.done) == ("held", {reason: 1}, 0)
    assert len(to.taken) == 1


async def test_no_resource(tmp_path: Path) -> None:
    """What is no resource is held back and not sent."""

    async def fetch(file: IO[bytes]) -> None:
        file.write(b"Smith")

    to = To(Stored())
    _, (result,) = await run(tmp_path, [fetch], to)
    assert result.held == {"it is no FHIR resource in JSON": 1}
    assert to.taken == []


async def test_doubtful(tmp_path: Path) -> None:
    """An item that fails for itself is given up after some tries, and the next run tries it again."""

    async def gone(_: IO[bytes]) -> Unavailable:
        return Unavailable("gone", outlook=Outlook.DOUBTFUL)

    to = To(Stored())
    one, results = await run(tmp_path, [gone, good], to)
    assert sorted(each.problem for each in results) == ["", "it cannot be fetched: gone"]
    assert one.stopped == ""
    again, _ = await run(tmp_path, [good, good], to)
    assert again.before == 1


async def test_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing succeeds for a while, if the step fails, or the listing, everything stops, with the reason."""
    failing, _ = await run(tmp_path / "a", [good], To(Unavailable("the crosswalk fails", by_step=True)))
    assert failing.stopped == "the crosswalk fails"
    unlisted, results = await run(tmp_path / "b", [good, None], To(Stored()))
    assert unlisted.stopped == "the store does not say what it holds"
    assert [each.done for each in results] in ([1], [])
    monkeypatch.setattr(copying, "PATIENCE", -1.0)
    away, results = await run(tmp_path / "c", [good], To(Unavailable("away")))
    assert (away.stopped, results) == ("away", [])


async def test_full_disk(tmp_path: Path) -> None:
    """If the disk takes nothing, everything stops."""

    async def full(_: IO[bytes]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    one, _ = await run(tmp_path, [full], To(Stored()))
    assert "No space left on device" in one.stopped
