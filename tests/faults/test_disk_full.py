"""A spool without room says no, keeps what it has acknowledged, and says yes again by itself."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.spool import State
from tests.adapters.dimse.raw_peer import store_rq
from tests.faults.commit_mode import committing, http, states
from tests.faults.peers import association, ct, hl7
from tests.faults.sink import Sink, first_of_each
from tests.mllp_client import MllpClient, code_of, mllp_client
from tests.ports import free_port
from tests.processes import serving
from tests.running import running_gateway

OUT_OF_RESOURCES = 0xA700  # PS3.4 B.2.3
MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 64 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def fill(client: MllpClient, size: int) -> list[bytes]:
    """Send messages until one is not taken; return those that were."""
    taken: list[bytes] = []
    while True:
        payload = hl7(f"F{len(taken)}", size)
        code = code_of(await client.ask(payload))
        if code != "AA":
            assert "AR" == code
            return taken
        taken.append(payload)


async def accepted(client: MllpClient, payload: bytes) -> None:
    """Send *payload* until it is taken."""
    async with asyncio.timeout(60):
        while code_of(await client.ask(payload)) != "AA":
            await asyncio.sleep(0.1)


SMALL, LARGE = 50_000, 200_000  # kept in the database, kept in a file


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path, small_disk: Path, size: int) -> None:
    """Short of min_free_bytes senders are told AR, and AA again by itself when the store has taken messages away."""
    sink, last = Sink(free_port()), hl7("LAST", size)
    limits = f"min_free_bytes: {24 * MIB}"
    text = committing(small_disk / "data", http(sink), spool=limits)
    async with serving(tmp_path, text) as (_, ports), mllp_client(ports["in"]) as client:
        taken = await fill(client, size)
        async with sink.up():
            await sink.until_kept(taken)
            await accepted(client, last)
            await sink.until_kept([last])
    assert len(taken) > 100
    assert [*taken, last] == first_of_each(sink.bodies)


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, SMALL, LARGE])
async def test_disk_filled_by_someone_else(tmp_path: Path, small_disk: Path, size: int) -> None:
    """While another program fills the disk the answer is AR, then AA; what was acknowledged survives a kill."""
    sink, others = Sink(free_port()), small_disk / "others"
    text = committing(small_disk / "data", http(sink))
    async with serving(tmp_path, text) as (_, ports), mllp_client(ports["in"]) as client:
        messages = [hl7(f"A{number}", size) for number in range(20)]
        assert {"AA"} == {code_of(await client.ask(each)) for each in messages}
        with others.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass
        messages += await fill(client, size)
        others.unlink()
        messages += [hl7(f"B{number}", size) for number in range(20)]
        assert {"AA"} == {code_of(await client.ask(each)) for each in messages[-20:]}
    async with sink.up(), serving(tmp_path, text):
        await sink.until_kept(messages)
    assert messages == first_of_each(sink.bodies)


async def test_quota_hl7(tmp_path: Path) -> None:
    """At max_bytes HL7 senders are told AR; when the store takes messages away, AA, without a restart."""
    sink = Sink(free_port())
    limits = "min_free_bytes: 0, max_bytes: 20000"
    text = committing(tmp_path / "data", http(sink), spool=limits)
    async with running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
        taken = await fill(client, 2000)
        assert 20000 // len(hl7("F0", 2000)) == len(taken)
        async with sink.up():
            await accepted(client, hl7("LAST", 2000))
            await sink.until_kept([*taken, hl7("LAST", 2000)])
    assert {State.DELIVERED: len(taken) + 1} == await states(tmp_path / "data")


async def test_quota_dicom(tmp_path: Path) -> None:
    """At max_bytes modalities are told A700; when the store takes instances away, 0000, without a restart."""
    sink = Sink(free_port())
    limits = "min_free_bytes: 0, max_bytes: 20000, inline_bytes: 1000"
    destination = f'kind: dicomweb, url: "{sink.url}", accept_empty: true'
    text = committing(tmp_path / "data", {"out": destination}, "kind: dimse, port: 0", limits)
    async with running_gateway(text) as gateway, association(gateway.ports["in"]) as peer:

        async def store(number: int) -> int:
            uid = f"1.2.3.{number}"
            await peer.send(store_rq(ct(uid, 5000), uid=uid))
            return await peer.status()

        assert [0, 0, 0, OUT_OF_RESOURCES] == [await store(number) for number in range(4)]
        async with sink.up(), asyncio.timeout(60):
            while await store(4) == OUT_OF_RESOURCES:
                await asyncio.sleep(0.1)
            await sink.until(lambda sink: len(sink.bodies) == 4)
    assert all(any(ct(f"1.2.3.{number}", 5000) in body for body in sink.bodies) for number in (0, 1, 2, 4))
