"""Bodies that come out of the spool."""

import errno
import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.spool.database.reading.rows import Payload
from gateway.spool.interface import PayloadDamaged, SpoolError
from gateway.spool.payloads.body import FileBody, RowBody, unseal
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.files import PayloadFile
from gateway.spool.payloads.seal import Plain, Seal
from tests.gateway.spool.spools import KEY

DATA = b"PID|1||4711"
SEALS = {"plain": Plain(), "encrypted": Encrypted(KEY)}


@pytest.fixture
def threads() -> Iterator[Executor]:
    """Return the threads that read."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def payload_of(seal: Seal) -> Payload:
    """Return DATA as it is kept in the database."""
    header = seal.new_header()
    data = header + bytes(seal.cipher(header).seal(DATA, 0, True))
    return Payload(len(DATA), seal.fingerprint(hashlib.sha256(DATA).digest()), seal.encrypted, data, None)


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS)
def test_every_flipped_octet_is_noticed(seal: Seal) -> None:
    """A payload comes back whole or not at all."""
    payload = payload_of(seal)
    assert DATA == unseal(payload, seal)
    data = payload.data or b""
    for place in range(len(data)):
        flipped = data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]
        assert None is unseal(replace(payload, data=flipped), seal)
    assert None is unseal(replace(payload, data=data[:-1]), seal)
    assert None is unseal(replace(payload, data=None), seal)


async def test_row_body() -> None:
    """A payload from the database can be read again and again."""
    body = RowBody(DATA, len(DATA))
    assert (True, True, len(DATA)) == (await body.intact(), body.replayable, body.length)
    for _ in range(2):
        assert [DATA] == [chunk async for chunk in body.chunks()]


async def test_damaged_row_body() -> None:
    """A damaged one yields nothing."""
    body = RowBody(None, len(DATA))
    assert not await body.intact()
    with pytest.raises(PayloadDamaged):
        [chunk async for chunk in body.chunks()]


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS)
async def test_file_body(tmp_path: Path, threads: Executor, seal: Seal) -> None:
    """A payload from a file can be read again and again; after a flipped bit it yields nothing."""
    file = PayloadFile(tmp_path, seal)
    payload = Payload(len(DATA), seal.fingerprint(file.finish(DATA)), seal.encrypted, None, file.name)
    path = tmp_path / file.name
    body = FileBody(path, payload, seal, threads)
    assert (True, True, len(DATA)) == (await body.intact(), body.replayable, body.length)
    for _ in range(2):
        assert [DATA] == [chunk async for chunk in body.chunks()]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(PayloadDamaged):
        [chunk async for chunk in FileBody(path, payload, seal, threads).chunks()]


async def test_missing_file(tmp_path: Path, threads: Executor) -> None:
    """A file that is gone is damage, not an error of ours."""
    body = FileBody(tmp_path / "nowhere", Payload(1, b"", False, None, "nowhere"), Plain(), threads)
    assert not await body.intact()


async def test_unreadable_file(tmp_path: Path, threads: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk does not give just now is not called damaged: it may be good."""

    def open_sealed(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("gateway.spool.payloads.body.SealedFile", open_sealed)
    body = FileBody(tmp_path / "body", Payload(1, b"", False, None, "body"), Plain(), threads)
    with pytest.raises(SpoolError, match="a spooled payload cannot be read: Too many open files"):
        await body.intact()


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS)
async def test_a_chunk_that_was_kept(
    tmp_path: Path, threads: Executor, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent is what was compared: the file is read again only after that."""
    file = PayloadFile(tmp_path, seal)
    payload = Payload(len(DATA), seal.fingerprint(file.finish(bytearray(DATA))), seal.encrypted, None, file.name)
    body = FileBody(tmp_path / file.name, payload, seal, threads)
    assert await body.intact(keep=True)
    with monkeypatch.context() as patch:
        patch.setattr("gateway.spool.payloads.body.SealedFile", None)
        assert [DATA] == [chunk async for chunk in body.chunks()]
    assert [DATA] == [chunk async for chunk in body.chunks()]


async def test_a_damaged_chunk_is_not_kept(tmp_path: Path, threads: Executor) -> None:
    """One that is not what was committed yields nothing, kept or not."""
    file = PayloadFile(tmp_path, Plain())
    payload = Payload(len(DATA), file.finish(DATA), False, None, file.name)
    (tmp_path / file.name).write_bytes(DATA[::-1])
    body = FileBody(tmp_path / file.name, payload, Plain(), threads)
    assert not await body.intact(keep=True)
    with pytest.raises(PayloadDamaged):
        [chunk async for chunk in body.chunks()]
