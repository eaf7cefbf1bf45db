"""Damage under the gateway: files, the lock on the database, the clock. The harmed part stops, the rest goes on."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored, Unavailable
from gateway.contract.settings import DestinationSettings
from gateway.flow.spooling import dispatching
from gateway.spool import DAMAGED, Plan, Selection, SpoolSettings, State, open_spool
from gateway.telemetry.metrics import Metrics
from tests.faults.commit_mode import MLLP, committing, database, http, records, until_states
from tests.faults.peers import hl7
from tests.faults.sink import Sink
from tests.mllp_client import code_of, mllp_client
from tests.ports import free_port
from tests.processes import HilumProcess, hilum, serving

LARGE = 6000
LIMITS = "min_free_bytes: 0, inline_bytes: 4096"


def cut_short(path: Path) -> None:
    """Take the last octet away."""
    os.truncate(path, path.stat().st_size - 1)


def flip_a_bit(path: Path) -> None:
    """Change one bit in the middle."""
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncated": cut_short,
    "a flipped bit": flip_a_bit,
    "missing": Path.unlink,
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_damaged_payload_is_parked_with_the_reason(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """A payload file that was damaged while the gateway was down is parked and says why; the rest is delivered."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink), spool=LIMITS)
    sizes = {"S1": 0, "L1": LARGE, "S2": 0, "L2": LARGE, "S3": 0}
    async with serving(tmp_path, text) as (_, ports), mllp_client(ports["in"]) as client:
        for control_id, size in sizes.items():
            assert "AA" == code_of(await client.ask(hl7(control_id, size)))
    (path,) = (path for path in (tmp_path / "data").rglob("bodies/*") if b"|L1|" in path.read_bytes())
    damage(path)
    rest = [hl7(control_id, size) for control_id, size in sizes.items() if control_id != "L1"]
    async with sink.up(), serving(tmp_path, text) as (process, _):
        await process.logged("message_parked")
        await sink.until_kept(rest)
    assert rest == sink.bodies
    (parked,) = await records(tmp_path / "data", Selection(state=State.PARKED))
    assert ({"control_id": "L1"}, DAMAGED) == (parked.identifiers, parked.reason)


@pytest.mark.slow
async def test_damaged_row_is_parked_with_the_reason(tmp_path: Path) -> None:
    """A payload in the database with one octet changed is parked and says why; the rest is delivered."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink))
    messages = [hl7(f"C{number}") for number in range(3)]
    async with serving(tmp_path, text) as (process, ports):
        async with mllp_client(ports["in"]) as client:
            assert ["AA"] * 3 == [code_of(await client.ask(each)) for each in messages]
        process.process.terminate()  # a clean end moves what is in the log to the database
        await process.ended()
    with database(tmp_path / "data") as connection:
        changed = messages[0].replace(b"TEST", b"TEXT", 1)
        connection.execute("UPDATE payloads SET data = ? WHERE data = ?", (changed, messages[0]))
    async with sink.up(), serving(tmp_path, text) as (process, _):
        await process.logged("message_parked")
        await sink.until_kept(messages[1:])
    assert messages[1:] == sink.bodies
    (parked,) = await records(tmp_path / "data", Selection(state=State.PARKED))
    assert DAMAGED == parked.reason


@pytest.mark.slow
async def test_locked_database_recovers(tmp_path: Path) -> None:
    """While another program locks the database, the log takes messages; what is there is delivered once, in order."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink))
    first, meanwhile, last = hl7("FIRST"), hl7("LOCKED"), hl7("LAST")
    async with serving(tmp_path, text) as (process, ports), mllp_client(ports["in"]) as client:
        assert "AA" == code_of(await client.ask(first))
        await process.logged("delivery_put_off")  # so that no settlement is under way when the lock comes
        with database(tmp_path / "data") as connection:
            connection.execute("BEGIN EXCLUSIVE")
            async with sink.up():
                assert "AA" == code_of(await client.ask(meanwhile))
                await sink.until_kept([first])  # delivered, though it cannot be recorded yet
                await process.logged("settlement_delayed")
            connection.execute("ROLLBACK")
        async with sink.up():
            assert "AA" == code_of(await client.ask(last))
            await sink.until_kept([last])
        await until_states(tmp_path / "data", {State.DELIVERED: 3})
    assert [first, meanwhile, last] == sink.bodies


class Flaky:
    """A destination that is unavailable once, and calls *then* at that moment."""

    name = "out"

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then
        self._failed = False
        self.stored: list[str] = []
        self.changed = asyncio.Event()

    async def deliver(self, message: Message) -> Outcome:
        """Fail the first time."""
        if not self._failed:
            self._failed = True
            self._then()
            return Unavailable("not now")
        self.stored.append(message.message_id)
        self.changed.set()
        return Stored()

    async def probe(self) -> str | None:
        """Be reachable."""
        return None


class SteppedClock:
    """The machine's clock, set back by so many seconds."""

    def __init__(self) -> None:
        self.back = 0.0

    def __call__(self) -> float:
        """Return the reading."""
        return time.time() - self.back

    def step_back_an_hour(self) -> None:
        """Set it back."""
        self.back = 3600.0


@pytest.mark.parametrize("while_down", [False, True], ids=["while it runs", "while it is down"])
async def test_clock_stepped_back_an_hour(tmp_path: Path, while_down: bool) -> None:
    """A clock stepped back delays no delivery, recognises a duplicate still, and takes new messages."""
    clock, spool_settings = SteppedClock(), SpoolSettings(min_free_bytes=0)
    destination = Flaky(then=lambda: None if while_down else clock.step_back_an_hour())
    settings = {"out": DestinationSettings(url="http://localhost/")}
    plan = Plan(("out",), "key", "identity", duplicate_window=600)

    def message(name: str) -> Message:
        return Message(name, WholeBody(name[:1].encode()), {"listener": "in"}, {})

    async with open_spool(tmp_path, spool_settings, clock=clock) as spool:
        await spool.commit(message("a1"), plan)
        async with dispatching(spool, {"out": destination}, settings, Metrics(), 5):
            async with asyncio.timeout(60):
                while not (await spool.find(Selection())).records[0].attempts:
                    await asyncio.sleep(0.01)
    clock.step_back_an_hour()
    async with (
        open_spool(tmp_path, spool_settings, clock=clock) as spool,
        dispatching(spool, {"out": destination}, settings, Metrics(), 5),
    ):
        await spool.commit(message("a2"), plan)
        await spool.commit(message("b1"), plan)
        async with asyncio.timeout(60):
            while len(destination.stored) < 2:
                destination.changed.clear()
                await destination.changed.wait()
    assert ["a1", "b1"] == destination.stored


ROWS = {
    "a time that is text": "UPDATE deliveries SET due = 'x' WHERE message = 1",
    "a time that never comes": "UPDATE deliveries SET due = 1e300 WHERE message = 1",
    "a lane that is a number": "UPDATE deliveries SET lane = 7 WHERE message = 1",
    "attempts that are text": "UPDATE deliveries SET attempts = 'x' WHERE message = 1",
    "a size that is text": "UPDATE deliveries SET size = 'x' WHERE message = 1",
    "a receipt that is text": "UPDATE messages SET received_at = 'x' WHERE seq = 1",
    "a commit that is text": "UPDATE messages SET committed_at = 'x' WHERE seq = 1",
    "a sum that is text": "UPDATE messages SET header_sum = 'x' WHERE seq = 1",
    "a digest that is text": "UPDATE messages SET digest = 'x' WHERE seq = 1",
    "a file that is a number": "UPDATE payloads SET data = NULL, file = 7 WHERE message = 1",
    "a file elsewhere": "UPDATE payloads SET data = NULL, file = '../lock' WHERE message = 1",
    "no message": "DELETE FROM messages WHERE seq = 1",
}
MOST_LINES = 60
"""Lines of the log that a damaged row may cost; a loop writes that many in a blink."""


@pytest.mark.slow
@pytest.mark.parametrize("statement", ROWS.values(), ids=ROWS)
async def test_a_damaged_row_ends_nothing_and_loops_nowhere(tmp_path: Path, statement: str) -> None:
    """While the gateway runs a row is damaged: the messages behind it are delivered, and it is parked or delivered."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink), listener=MLLP + ", order_by: peer")
    messages = [hl7(f"C{number}") for number in range(4)]
    async with serving(tmp_path, text) as (process, ports), mllp_client(ports["in"]) as client:
        assert ["AA"] * 4 == [code_of(await client.ask(each)) for each in messages]
        await process.logged("delivery_put_off")
        with database(tmp_path / "data") as connection:
            connection.execute(statement)
        before = processor_time(process)
        async with sink.up():
            await sink.until_kept(messages[1:])
            await until_nothing_waits(tmp_path / "data")
        await asyncio.sleep(1)
        assert len(process.events) < MOST_LINES
        assert processor_time(process) - before < 5
    assert set(messages[1:]) <= set(sink.bodies) <= set(messages)


def processor_time(process: HilumProcess) -> float:
    """Return the seconds of processor that a process has used."""
    words = Path(f"/proc/{process.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


async def until_nothing_waits(data_dir: Path) -> None:
    """Wait until every entry is decided."""
    async with asyncio.timeout(60):
        while await records(data_dir, Selection(state=State.WAITING)):
            await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_a_damaged_database_while_it_runs(tmp_path: Path) -> None:
    """Its spool is set aside once, a fresh one is taken, and after a repair all arrive."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink))
    messages = [hl7(f"C{number}", 2000) for number in range(50)]
    async with serving(tmp_path, text) as (process, ports), mllp_client(ports["in"]) as client:
        for each in messages:
            assert "AA" == code_of(await client.ask(each))
        await process.logged("delivery_put_off")
        with database(tmp_path / "data") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ready'").fetchone()
            (path,) = (tmp_path / "data").rglob("spool.db")
            with path.open("r+b") as file:
                file.seek((page - 1) * 4096)
                file.write(b"\xff" * 4096)
            connection.execute("UPDATE spool SET held = held")  # so that the gateway reads its pages anew
        await process.logged("spool_set_aside")
        lines = len(process.events)
        async with asyncio.timeout(60):
            while code_of(await client.ask(hl7("NEW"))) != "AA":
                await asyncio.sleep(0.1)
        async with sink.up():
            await sink.until_kept([hl7("NEW")])
            async with hilum("spool", "repair", tmp_path / "hilum.yaml") as repair:
                assert 0 == await repair.ended()
            await sink.until_kept(messages)
        assert 1 == sum(each["event"] == "spool_set_aside" for each in process.events)
        assert len([each for each in process.events[:lines] if each["level"] == "error"]) < MOST_LINES


@pytest.mark.slow
async def test_a_damaged_left_over_spool(tmp_path: Path) -> None:
    """The gateway starts all the same, says so in log and metric, and repair saves what waited there."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink))
    messages = [hl7(f"C{number}", LARGE) for number in range(3)]
    async with serving(tmp_path, text) as (_, ports), mllp_client(ports["in"]) as client:
        assert ["AA"] * 3 == [code_of(await client.ask(each)) for each in messages]
    (path,) = (tmp_path / "data").rglob("spool.db")
    with database(tmp_path / "data") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    octets = path.read_bytes()
    path.write_bytes(b"no database" + octets[11:])
    async with sink.up(), serving(tmp_path, text) as (process, ports):
        await process.logged("spool_set_aside")
        admin = (await process.logged("gateway_started"))["admin_port"]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{admin}/metrics") as reply:
                assert "hilum_spools_set_aside 1.0" in await reply.text()
            async with session.get(f"http://127.0.0.1:{admin}/readyz") as reply:
                assert (200, [path.parent.name]) == (reply.status, (await reply.json())["spools_set_aside"])
        async with hilum("spool", "repair", tmp_path / "hilum.yaml") as repair:
            assert 0 == await repair.ended()
        await sink.until_kept(messages)
