"""An import in which the bucket and the store fail: nothing is lost, nothing is sent again that need not be."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.importing.importing import Importing, Options, Way
from gateway.cli.importing.ledger import Entry, Ledger
from gateway.cli.importing.parts import Reader
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.places import Place
from gateway.cli.importing.report import Report
from gateway.contract.errors import GatewayError
from gateway.contract.kind import Format
from gateway.contract.message import Message
from gateway.contract.objects import BucketAway, Found, NotAllowed, NotThere
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from tests.gateway.cli.importing.support import dicom, exported, gz, hl7, zipped


class Fake:
    """A bucket in memory that fails as told: by key, the errors that come first."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.failures: dict[str, list[Exception]] = {}
        self.reads: list[str] = []

    def _fail(self, key: str) -> None:
        if self.failures.get(key):
            raise self.failures[key].pop(0)

    async def list(self, pattern: str) -> AsyncIterator[Found]:
        """Yield all; the failures of the key `list` come behind the first object."""
        for number, (key, data) in enumerate(sorted(self.objects.items())):
            if number == 1:
                self._fail("list")
            yield Found(key, len(data), f"v{len(data)}", datetime(2026, 1, 1, tzinfo=UTC))

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return the octets."""
        self.reads.append(key)
        self._fail(key)
        return self.objects[key]

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield the octets."""
        yield await self.read(key)

    create: Any = None
    remove: Any = None


class Store:
    """A destination that answers as told, by control ID; then it stores."""

    name = "store"

    def __init__(self, answers: dict[str, list[Outcome]] | None = None) -> None:
        self.answers = answers or {}
        self.stored: list[str] = []
        self.in_doubt: list[str] = []
        self.at_once = self.most = 0

    async def deliver(self, message: Message) -> Outcome:
        """Answer."""
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        name = message.identifiers["control_id"]
        if message.maybe_stored:
            self.in_doubt.append(name)
        outcome = answers.pop(0) if (answers := self.answers.get(name)) else Stored()
        if isinstance(outcome, Stored):
            self.stored.append(name)
        return outcome

    async def probe(self) -> str | None:
        """Answer."""
        return None


async def no_time(_: float) -> None:
    """Let no time pass."""


class Case:
    """Runs imports with the same ledger."""

    def __init__(self, folder: Path, bucket: Fake, store: Store, seconds: float = 60) -> None:
        self.folder, self.bucket, self.store, self.seconds = folder, bucket, store, seconds
        self.takes: frozenset[Format] = frozenset({"hl7v2"})

    async def run(self, **options: Any) -> tuple[Report, str]:
        """Import everything; return the report, and why it has stopped."""
        report, patience = Report(as_json=True), Patience(self.seconds, sleep=no_time)
        with Ledger(self.folder / "ledger") as ledger:
            way = Way(Place(self.bucket, "s3://b", ""), self.store, self.takes)
            await Importing(way, ledger, Reader(self.folder), report, Options(**options), patience).run("**")
        return report, patience.stopped


async def test_failures_that_pass(tmp_path: Path) -> None:
    """A bucket and a store that fail for a while slow the import down, and nothing is lost or sent twice."""
    bucket = Fake({f"{x}.hl7": hl7(x) for x in "abcd"})
    bucket.failures = {"list": [BucketAway("x")] * 2, "b.hl7": [BucketAway("x")] * 3}
    store = Store({"a": [Unavailable("down")] * 4, "c": [Unavailable("down", maybe_stored=True)]})
    case = Case(tmp_path, bucket, store)
    report, stopped = await case.run()
    assert (sorted(store.stored), report.stored, stopped) == (["a", "b", "c", "d"], 4, "")
    assert set(store.in_doubt) >= {"c"}
    report, _ = await case.run()
    assert (report.done_before, report.stored, len(store.stored)) == (4, 0, 4)


async def test_failures_that_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each object that fails for itself is named, the others go on, and the next run tries it again."""
    bucket = Fake({f"{x}.hl7": hl7(x) for x in "abcd"})
    bucket.failures = {"a.hl7": [NotThere("gone")], "b.hl7": [NotAllowed("forbidden")]}
    store = Store({"c": [Unavailable("odd", outlook=Outlook.DOUBTFUL)] * 5, "d": [Refused("wrong")]})
    case = Case(tmp_path, bucket, store)
    report, stopped = await case.run()
    assert (dict(report.objects), stopped) == ({"failed": 3, "refused": 1}, "")
    told = capsys.readouterr().out
    assert all(f"s3://b/{x}.hl7" in told for x in "abcd")
    report, _ = await case.run()
    assert (dict(report.objects), report.done_before) == ({"stored": 3}, 1)
    report, _ = await case.run(again=True)
    assert dict(report.objects) == {"stored": 1}


async def test_the_end_of_patience(tmp_path: Path) -> None:
    """A store that takes nothing stops the import; the next run goes on, and says what was being sent."""
    bucket = Fake({f"{x}.hl7": hl7(x) for x in "abcd"})
    store = Store({x: [Unavailable("down")] for x in "abcd"})
    case = Case(tmp_path, bucket, store, seconds=-1)
    report, stopped = await case.run(at_once=2)
    assert (stopped, report.stored) == ("down", 0)
    case.seconds, store.answers = 60, {}
    report, stopped = await case.run()
    assert (report.stored, stopped, sorted(store.stored)) == (4, "", ["a", "b", "c", "d"])
    assert store.in_doubt


async def test_a_bucket_that_refuses_to_list(tmp_path: Path) -> None:
    """Without a listing nothing can be imported: everything stops, and what was begun is settled."""
    bucket = Fake({f"{x}.hl7": hl7(x) for x in "ab"})
    bucket.failures = {"list": [NotAllowed("forbidden")]}
    _, stopped = await Case(tmp_path, bucket, Store()).run()
    assert stopped == "SOURCE: forbidden"


async def test_parts(tmp_path: Path) -> None:
    """Of an object with many messages only those are sent again that are not done with."""
    lines = b"\n".join(exported(hl7(f"m{number}")) for number in range(50))
    bucket = Fake({"all.ndjson": lines})
    store = Store({"m7": [Refused("wrong")], "m9": [Unavailable("odd", outlook=Outlook.FINAL)]})
    case = Case(tmp_path, bucket, store)
    report, _ = await case.run(at_once=4)
    assert (len(store.stored), dict(report.objects), store.most) == (48, {"failed": 1}, 4)
    report, _ = await case.run()
    assert (store.stored[48:], dict(report.objects)) == (["m9"], {"refused": 1})


async def test_changes(tmp_path: Path) -> None:
    """Another version is imported; one with the same octets is only noted."""
    bucket = Fake({"a.hl7": hl7("a")})
    store = Store()
    case = Case(tmp_path, bucket, store)
    await case.run()
    bucket.objects["a.hl7"] = hl7("a2")
    await case.run()
    assert store.stored == ["a", "a2"]
    with Ledger(tmp_path / "ledger") as ledger:
        entry = ledger.find("s3://b/a.hl7")
        assert entry is not None
        ledger.put("s3://b/a.hl7", Entry("other", entry.size, entry.digest, "stored", "", 1))
    report, _ = await case.run()
    assert (store.stored, dict(report.objects)) == (["a", "a2"], {"stored": 1})


class Streaming(Store):
    """A destination that reads bodies, and says only that one broke off."""

    async def deliver(self, message: Message) -> Outcome:
        """Read the body."""
        try:
            octets = sum([len(chunk) async for chunk in message.body.chunks()])
        except GatewayError:
            return Unavailable("the body broke off")
        self.stored.append(f"{octets}")
        return Stored()


async def test_large_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that breaks off because the bucket is away is sent again; one that is removed or damaged is not."""
    monkeypatch.setattr("gateway.cli.importing.importing.SMALL", 10)
    (one,) = dicom(tmp_path / "made", 1)
    bucket = Fake({"a": one, "b": one, "c.gz": gz(one)[:-30]})
    store = Streaming()
    bucket.failures = {"a": [], "b": []}
    case = Case(tmp_path, bucket, store)
    case.takes = frozenset({"dicom"})
    read, calls = bucket.read, {"a": 0, "b": 0, "c.gz": 0}

    async def failing(key: str, first: int = 0, count: int | None = None) -> bytes:
        calls[key] += 1
        if calls[key] == 2 and key != "c.gz":  # the first time its beginning is read
            raise BucketAway("away") if key == "a" else NotThere("removed")
        return await read(key)

    bucket.read = failing  # type: ignore[method-assign]
    report, stopped = await case.run()
    assert (dict(report.objects), store.stored, stopped) == (
        {"stored": 1, "failed": 1, "refused": 1},
        [str(len(one))],
        "",
    )
    assert calls["a"] == 3


class Late(Streaming):
    """A destination that begins to read a body when all that is read of its object has been read."""

    async def deliver(self, message: Message) -> Outcome:
        """Wait, and read the body."""
        await asyncio.sleep(0.05)
        return await super().deliver(message)


async def test_members_are_there_until_they_are_sent(tmp_path: Path) -> None:
    """A zip file stays on the disk as long as a member of it is being sent, and not longer."""
    one, two = dicom(tmp_path / "made", 2)
    store, scratch = Late(), tmp_path / "scratch"
    scratch.mkdir()
    case = Case(scratch, Fake({"a.zip": zipped({"1": one, "2": two})}), store, seconds=5)
    case.takes = frozenset({"dicom"})
    report, stopped = await case.run()
    assert (dict(report.objects), stopped, len(store.stored)) == ({"stored": 1}, "", 2)
    assert [*scratch.glob("zip-*")] == []
