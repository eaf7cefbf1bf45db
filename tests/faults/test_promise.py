"""The README's promise: each of its sentences, and the tests that hold it."""

import asyncio
import re
import shutil
import signal
import threading
from pathlib import Path

import pytest
from aiohttp import web

from gateway.spool import Selection, SpoolSettings, State, open_for_operator
from gateway.spool.log.files import RealDisk
from tests.adapters.dimse.raw_peer import store_rq
from tests.faults.commit_mode import MLLP, committing, http, records, states, until_states
from tests.faults.peers import ENHANCED, association, ct, hl7
from tests.faults.sink import Sink, first_of_each
from tests.mllp_client import code_of, mllp_client
from tests.ports import free_port
from tests.processes import HilumProcess, serving
from tests.running import running_gateway

ROOT = Path(__file__).parents[2]
PROMISE = {
    "A positive answer (`AA`, `CA`, `0000`) leaves only after the message is on stable storage.": (
        "test_promise.py: test_positive_answer_only_after_stable_storage",
        "test_promise.py: test_no_answer_while_the_commit_is_under_way",
    ),
    "A crash, a power loss or a full disk loses nothing that was acknowledged; what was not acknowledged may be"
    " delivered twice, but never disappears silently.": (
        "test_kill.py: test_crash_loses_nothing_that_was_acknowledged",
        "test_promise.py: test_positive_answer_only_after_stable_storage",  # all that a power loss leaves
        "test_disk_full.py: test_full_disk_loses_nothing_that_was_acknowledged",
        "test_promise.py: test_not_acknowledged_may_be_delivered_twice",
        "test_promise.py: test_not_acknowledged_never_disappears_silently",
    ),
    "After a crash what was acknowledged may be delivered twice, too.": (
        "test_promise.py: test_acknowledged_may_be_delivered_twice_after_a_crash",
    ),
    "After a restart delivery goes on by itself, in order.": (
        "test_promise.py: test_after_a_restart_delivery_goes_on_in_order",
        "test_commit_done.py: test_after_a_restart_delivery_goes_on_by_itself",
    ),
    "Every message ends as delivered, parked or discarded, and only a person discards.": (
        "test_promise.py: test_every_message_ends_as_delivered_parked_or_discarded",
    ),
}


def test_each_sentence_has_its_tests() -> None:
    """The README's paragraph consists of these sentences, and the tests named for them exist."""
    paragraph = re.search(r"\*\*The promise of commit mode\.\*\*(.*?)\n\n", (ROOT / "README.md").read_text(), re.DOTALL)
    assert paragraph is not None
    assert " ".join(PROMISE) == " ".join(paragraph[1].replace("\n>", "\n").split())
    for file, test in (each.split(": ") for tests in PROMISE.values() for each in tests):
        assert re.search(rf"^(async )?def {test}\(", Path(__file__).with_name(file).read_text(), re.MULTILINE), test


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("answer", ["AA", "CA", "AA, payload in a file", "0000"])
async def test_positive_answer_only_after_stable_storage(tmp_path: Path, answer: str) -> None:
    """Between the last octet of a message and its positive answer the kernel has put the spool on stable storage."""
    dimse = answer == "0000"
    destination = {"out": f'kind: {"dicomweb" if dimse else "http"}, url: "http://127.0.0.1:{free_port()}/"'}
    listener = "kind: dimse, port: 0" if dimse else MLLP
    text = committing(tmp_path / "data", destination, listener, "min_free_bytes: 0, inline_bytes: 4096")
    async with serving(tmp_path, text) as (process, ports):
        tracer = await attach(process, tmp_path / "trace")
        if dimse:
            async with association(ports["in"]) as peer:
                await peer.send(store_rq(ct("1.2.3", 200), uid="1.2.3"))
                assert 0 == await peer.status()
        else:
            message = ENHANCED if answer == "CA" else hl7("C1", 9000 if "file" in answer else 0)
            async with mllp_client(ports["in"]) as client:
                assert answer[:2] == code_of(await client.ask(message))
        tracer.send_signal(signal.SIGINT)
        await tracer.wait()
    calls = (tmp_path / "trace").read_text().splitlines()
    received = max(place for place, call in enumerate(calls) if re.match(r"\d+ +(read|recv)", call) and "TCP" in call)
    answered = next(place for place, call in enumerate(calls) if place > received and "TCP" in call)
    syncs = [call for call in calls[received:answered] if "sync" in call]
    synced = " ".join(syncs)
    assert "spool.db-wal" in synced
    assert syncs[-1].endswith(" = 0")
    assert ("bodies>" in synced) == bool(re.search(r"bodies/[0-9a-f]{32}>", synced)) == ("file" in answer)


async def attach(process: HilumProcess, trace: Path) -> asyncio.subprocess.Process:
    """Trace what *process* reads, writes and syncs; skip where that is not permitted."""
    calls = "trace=read,recvfrom,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync"
    command = ["strace", "-f", "-yy", "-e", calls, "-o", str(trace), "-p", str(process.process.pid)]
    tracer = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert tracer.stderr is not None
    if b"attached" not in await tracer.stderr.readline():
        await tracer.wait()
        pytest.skip("this user may not trace a process")
    return tracer


async def test_no_answer_while_the_commit_is_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the log cannot be synced the peer hears nothing; the answer follows the sync."""
    sink, go_on, sync = Sink(free_port()), threading.Event(), RealDisk.sync

    def held(disk: RealDisk, descriptor: int) -> None:
        go_on.wait(60)
        sync(disk, descriptor)

    async with running_gateway(committing(tmp_path, http(sink))) as gateway, mllp_client(gateway.ports["in"]) as client:
        assert "AA" == code_of(await client.ask(hl7("C1")))
        monkeypatch.setattr(RealDisk, "sync", held)
        asking = asyncio.create_task(client.ask(hl7("C2")))
        assert set() == (await asyncio.wait([asking], timeout=0.5))[0]
        go_on.set()
        assert "AA" == code_of(await asking)
        assert {State.WAITING: 2} == await states(tmp_path)


async def test_not_acknowledged_may_be_delivered_twice(tmp_path: Path) -> None:
    """A peer that never saw its answer sends again; without a duplicate window the store has the message twice."""
    sink = Sink(free_port())
    text = committing(tmp_path, http(sink), listener=f"{MLLP}, duplicate_window: 0")
    async with sink.up(), running_gateway(text) as gateway:
        async with mllp_client(gateway.ports["in"]) as impatient:
            impatient.writer.write(b"\x0b" + hl7("C1") + b"\x1c\r")
            await sink.until_kept([hl7("C1")])
        async with mllp_client(gateway.ports["in"]) as client:
            assert "AA" == code_of(await client.ask(hl7("C1")))
        await sink.until(lambda sink: len(sink.bodies) == 2)
    assert [hl7("C1")] * 2 == sink.bodies


class SilentOnce(Sink):
    """Keeps what it is sent, and does not answer in the first run of the gateway."""

    async def _keep(self, request: web.Request) -> web.Response:
        response = await super()._keep(request)
        if self.run == 0:
            async with self._changed:
                self._changed.notify_all()
            await asyncio.Event().wait()
        return response


async def test_acknowledged_may_be_delivered_twice_after_a_crash(tmp_path: Path) -> None:
    """What the store has, and has not yet answered when the gateway is killed, is delivered again."""
    sink = SilentOnce(free_port())
    text = committing(tmp_path / "data", http(sink))
    async with sink.up():
        async with serving(tmp_path, text) as (process, ports), mllp_client(ports["in"]) as client:
            assert "AA" == code_of(await client.ask(hl7("C1")))
            await sink.until_kept([hl7("C1")])
            process.process.kill()
            await process.ended()
        sink.run = 1
        async with serving(tmp_path, text):
            await sink.until(lambda sink: len(sink.bodies) == 2)
    assert [hl7("C1")] * 2 == sink.bodies


async def test_not_acknowledged_never_disappears_silently(tmp_path: Path) -> None:
    """What the spool does not take, the peer is told of: AR, and nothing of it is kept or delivered."""
    sink = Sink(free_port())
    text = committing(tmp_path, http(sink), spool="min_free_bytes: 0, max_bytes: 1")
    async with sink.up(), running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
        assert "AR" == code_of(await client.ask(hl7("C1")))
        assert {} == await states(tmp_path)
    assert [] == sink.bodies


async def test_after_a_restart_delivery_goes_on_in_order(tmp_path: Path) -> None:
    """Half delivered when it is killed: the next start delivers the other half, in the order sent."""
    sink = Sink(free_port())
    messages = [hl7(f"C{number:02}") for number in range(60)]
    text = committing(tmp_path / "data", http(sink))
    async with serving(tmp_path, text) as (_, ports), mllp_client(ports["in"]) as client:
        for message in messages[:30]:
            assert "AA" == code_of(await client.ask(message))
        async with sink.up():
            await sink.until(lambda sink: len(sink.bodies) > 10)
        for message in messages[30:]:
            assert "AA" == code_of(await client.ask(message))
    async with sink.up(), serving(tmp_path, text):
        await sink.until_kept(messages)
    assert messages == first_of_each(sink.bodies)


async def test_every_message_ends_as_delivered_parked_or_discarded(tmp_path: Path) -> None:
    """Stored, refused and given up: each message is in one state, and only the operator discards, with a reason."""
    sink = Sink(free_port(), refuses=lambda body: b"|BAD" in body)
    names = [f"{kind}{number}" for number in range(5) for kind in ("GOOD", "BAD")]
    text = committing(tmp_path / "data", http(sink))
    async with sink.up(), serving(tmp_path, text) as (_, ports), mllp_client(ports["in"]) as client:
        for name in names:
            assert "AA" == code_of(await client.ask(hl7(name)))
        await until_states(tmp_path / "data", {State.DELIVERED: 5, State.PARKED: 5})
    async with serving(tmp_path, text):  # whatever happens to the gateway, what is parked stays parked
        assert {State.DELIVERED: 5, State.PARKED: 5} == await states(tmp_path / "data")
    async with open_for_operator(tmp_path / "data", SpoolSettings()) as operations:
        first = (await operations.find(Selection(state=State.PARKED))).records[0]
        assert 1 == await operations.discard(Selection(entry_ids=frozenset({first.entry_id})), "sent by mistake")
    found = {record.identifiers["control_id"]: record for record in await records(tmp_path / "data")}
    assert sorted(names) == sorted(found)
    assert {State.DELIVERED: 5, State.PARKED: 4, State.DISCARDED: 1} == await states(tmp_path / "data")
    assert "sent by mistake" == found["BAD0"].reason
