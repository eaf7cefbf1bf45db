"""What a process does with one object: it is read once, its stages run, and each result is written."""

import gzip
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.contract import Reference
from adapters.pipeline.results import Results
from adapters.pipeline.stages.forgotten import FORGOTTEN, Forgotten, digests_of
from adapters.pipeline.work import CHANGED, INTERNAL_ERROR, NOT_UNZIPPED, TOO_LARGE, Processor, Task, Work, opened
from gateway.contract.body import Buffer
from gateway.contract.objects import Bucket, BucketAway, Found
from tests.adapters.pipeline import small

STAGES = {"headers": "aa" * 32, "public": "bb" * 32}


def task(root: Path, octets: bytes, key: str = "dicom/1.dcm") -> Task:
    """Write an image of the hospital; return the task for it."""
    small.put(root, f"north/{key}", octets)
    return Task("image", Reference("north", key, "v", len(octets)), STAGES)


async def test_results_are_on_the_disk(tmp_path: Path) -> None:
    """Both stages of an image, also of a gzipped one, have their results."""
    work = small.work(tmp_path)
    async with opened(work) as process:
        done = await process(task(tmp_path, gzip.compress(small.instance(1, 1))))
    assert done.states == {"headers": "made", "public": "made"}
    assert (done.later, done.reasons) == ("", {})
    assert Results(work.folder).known("headers") == {STAGES["headers"]: "made"}


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"x" * 5000, TOO_LARGE),
        (gzip.compress(b"x" * 100_000), NOT_UNZIPPED),
        (gzip.compress(small.instance(1, 1))[:-9], NOT_UNZIPPED),
        (b"\x1f\x8bnoise", NOT_UNZIPPED),
    ],
    ids=["large", "bomb", "cut", "noise"],
)
async def test_dead_of_both_stages(tmp_path: Path, octets: bytes, reason: str) -> None:
    """What cannot be read at all is a dead letter of each stage."""
    async with opened(small.work(tmp_path, max_object_bytes=4096)) as process:
        done = await process(task(tmp_path, octets))
    assert done.states == {"headers": "dead", "public": "dead"}
    assert set(done.reasons.values()) == {reason}


async def test_not_now(tmp_path: Path) -> None:
    """An object that was replaced or removed, and a bucket that is away, are for a later run: nothing is written."""
    work = small.work(tmp_path)
    gone = Task("image", Reference("north", "dicom/gone.dcm", "v", 5), STAGES)
    small.put(tmp_path, "north/dicom/other.dcm", b"123456")
    replaced = Task("image", Reference("north", "dicom/other.dcm", "v", 5), STAGES)
    async with opened(work) as process:
        assert (await process(gone)).later == CHANGED
        assert (await process(replaced)).later == CHANGED
    away = Processor(Work(work.settings, work.step, work.domains, work.folder, lambda _: Away()))
    assert "the server is away" in (await away(gone)).later
    assert Results(work.folder).known("headers") == {}


class Away:
    """A bucket that cannot be reached."""

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Fail."""
        raise BucketAway("the server is away")

    def list(self, pattern: str) -> AsyncIterator[Found]:
        """Fail."""
        raise NotImplementedError

    def stream(self, key: str) -> AsyncIterator[bytes]:
        """Fail."""
        raise NotImplementedError

    async def create(self, key: str, chunks: AsyncIterable[Buffer], *, replace: bool = False) -> None:
        """Fail."""

    async def remove(self, key: str) -> None:
        """Fail."""


_: Bucket = Away()


async def test_forgotten(tmp_path: Path) -> None:
    """Nothing is made of an image of a patient who is forgotten, under whatever key it comes."""
    work = small.work(tmp_path)
    gone = {"north": Forgotten(digests_of("MRN-7711"))}
    forgetful = Work(work.settings, work.step, work.domains, work.folder, work.open_bucket, gone)
    async with opened(forgetful) as process:
        done = await process(task(tmp_path, small.instance(1, 1)))
    assert set(done.reasons.values()) == {FORGOTTEN}
    assert not [each for each in (work.folder).rglob("*.json") if b"MRN" in each.read_bytes()]


async def test_an_error_of_a_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text may quote the object, and is not told."""

    def fail(*_: object) -> None:
        raise ValueError("Zabriskie")

    monkeypatch.setattr("adapters.pipeline.stages.headers.headers", fail)
    async with opened(small.work(tmp_path)) as process:
        done = await process(task(tmp_path, small.instance(1, 1)))
    assert done.reasons == {"headers": INTERNAL_ERROR}
    assert done.states["public"] == "made"
