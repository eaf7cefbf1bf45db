"""Taking bodies in."""

import asyncio
import errno
import hashlib
import os
import random
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.contract.body import Buffer
from gateway.spool.payloads import files, intake
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.intake import Intake, Taken
from gateway.spool.payloads.seal import Plain, Seal
from gateway.spool.room import NoRoom, Room
from tests.gateway.spool.spools import KEY, Chunks, files_in

INLINE = 8
CHUNK = 16


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK", CHUNK)
    monkeypatch.setattr(intake, "CHUNK", CHUNK)


@pytest.fixture
def threads() -> Iterator[Executor]:
    """Return the threads that write."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


async def no_change() -> None:
    """Count again and find the same."""


def make_intake(folder: Path, threads: Executor, seal: Seal | None = None, room: Room | None = None) -> Intake:
    """Return an intake with room enough."""
    return Intake(folder, seal or Plain(), room or Room(10**6, 0, INLINE, lambda: 10**9), INLINE, threads, no_change)


async def take(taker: Intake, *pieces: bytes | Exception) -> Taken:
    """Take a body in that arrives in pieces."""
    with Room(10**6, 0, INLINE, lambda: 10**9).reservation() as reservation:
        return await taker.take(Chunks(pieces), reservation)


@pytest.mark.parametrize("seal", [Plain(), Encrypted(KEY)], ids=["plain", "encrypted"])
@pytest.mark.parametrize("size", [0, 1, 8, 9, 16, 17, 32, 33, 200])
@pytest.mark.parametrize("cut", [1, 5, 16, 1000])
async def test_any_cut(tmp_path: Path, threads: Executor, seal: Seal, size: int, cut: int) -> None:
    """A small payload stays in memory, a larger one becomes a file; how it arrived does not matter."""
    data = random.Random(size).randbytes(size)
    taken = await take(make_intake(tmp_path, threads, seal), *(data[i : i + cut] for i in range(0, size, cut)))
    assert (size, seal.fingerprint(hashlib.sha256(data).digest())) == (taken.size, taken.digest)
    assert (size <= INLINE) == (taken.data is not None) == (taken.file is None)
    assert int(size > INLINE) == len(files_in(tmp_path))


async def test_the_body_fails(tmp_path: Path, threads: Executor) -> None:
    """What the body raises passes through, and the half-written file is gone."""
    with pytest.raises(ConnectionResetError):
        await take(make_intake(tmp_path, threads), b"x" * 100, ConnectionResetError())
    assert [] == files_in(tmp_path)


async def test_cancelled(tmp_path: Path, threads: Executor) -> None:
    """A peer that vanishes in the middle leaves no file."""
    begun = asyncio.Event()

    class Stalled(Chunks):
        async def chunks(self) -> AsyncIterator[Buffer]:
            yield b"x" * 100
            begun.set()
            await asyncio.Event().wait()

    room = Room(10**6, 0, INLINE, lambda: 10**9)
    with room.reservation() as reservation:
        task = asyncio.create_task(make_intake(tmp_path, threads).take(Stalled(()), reservation))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [] == files_in(tmp_path)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the spool's disk is full"),
        (errno.EDQUOT, "the spool's disk is full"),
        (errno.EIO, "the spool cannot be written"),
    ],
    ids=["no space", "quota", "broken disk"],
)
@pytest.mark.parametrize("call", ["write", "fsync", "open"])
async def test_the_disk_fails(
    tmp_path: Path, threads: Executor, monkeypatch: pytest.MonkeyPatch, call: str, number: int, reason: str
) -> None:
    """Whatever the disk refuses becomes a reason, and no file stays."""

    def fail(*_arguments: object) -> int:
        raise OSError(number, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(NoRoom, match=reason):
            await take(make_intake(tmp_path, threads), b"x" * 100)
    assert [] == files_in(tmp_path)


@pytest.mark.parametrize("length", [100, None], ids=["known", "unknown"])
async def test_no_room(tmp_path: Path, threads: Executor, length: int | None) -> None:
    """A limit is noticed at the start where the length is known, and else while the body arrives."""
    room = Room(50, 0, INLINE, lambda: 10**9)
    with room.reservation() as reservation, pytest.raises(NoRoom):
        await make_intake(tmp_path, threads, room=room).take(Chunks([b"x" * 20] * 5, length), reservation)
    assert (40 if length is None else 0) == reservation.octets
    assert [] == files_in(tmp_path)


async def test_counts_again_before_refusing(tmp_path: Path, threads: Executor) -> None:
    """Room that an operator made from another process is found before a message is turned away."""
    room = Room(50, 0, INLINE, lambda: 10**9)
    room.held = 50

    async def recount() -> None:
        room.held = 0

    with room.reservation() as reservation:
        taken = await Intake(tmp_path, Plain(), room, INLINE, threads, recount).take(Chunks([b"x"]), reservation)
    assert 1 == taken.size
