"""Row 13: what the journal costs each message, and how fast it is searched and pruned.

The journal of one gateway is on and off in turns: two gateways differ by more than it costs. What a row costs is also
measured without a gateway, and compared with what a relayed message costs at the same time: the goals are those of
a machine on which that is USUAL_MESSAGE, and a shared machine is often slower.
"""

import asyncio
import json
import math
import os
import random
import shutil
import signal
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from adapters.hl7.facts import Facts
from adapters.hl7.ordinary import ordinary_header
from adapters.mllp.exchange import Reply, Settled
from adapters.mllp.serving.report import Report
from gateway.contract.journal import Passages, Record, Row
from gateway.contract.outcome import Stored
from gateway.journal.buffer import Buffer
from gateway.journal.folder import folder_of, segments_in, take_slot
from gateway.journal.pruning import Pruning
from gateway.journal.query import Query
from gateway.journal.rows import RowMaker
from gateway.journal.search import search
from gateway.journal.settings import JournalSettings
from gateway.journal.store import MOST_ROWS, SegmentStore
from gateway.journal.writer import Journal
from gateway.observing.peers import Peers
from gateway.telemetry.metrics import Metrics
from tests.bench import samples
from tests.bench.loads import looped
from tests.bench.measure import Case, Goal, Sample
from tests.bench.per_message_rows import load
from tests.bench.processes import BUILD
from tests.bench.servers import MLLP, Server, gateway, sink, to_ingest
from tests.bench.setup import Setup

RECORDS = 9_000_000
CONNECTIONS = 16
PAUSE = 0.005
"""Mean seconds from an answer to the next message of a connection: half of what a process relays. At the full rate
messages come in step after each wait for the interpreter, and many at once cost less each."""
SECONDS, TURN, SETTLING = 120, 0.75, 0.3
"""Seconds of the load, of one turn with a journal or without, and before it: what the last turn recorded is written."""
TOGETHER = 50
"""Messages that are answered one after another."""
RATE = 6_500
"""Messages per second: the most that a process relays."""
OFF = "journal: {enabled: false}"
LOOP_GOAL, PROCESS_GOAL = 1.5, 8.0
USUAL_MESSAGE = 109.0
"""Microseconds of the process for a relayed message where the goals hold."""
MESSAGE = b"MSH|^~\\&|HIS|WARD|HILUM|GW|20260101120000||ADT^A01^ADT_A01|MSG%07d|P|2.5\rPID|1||4711\r"


def thread_times(pid: int) -> dict[int, int]:
    """Return the nanoseconds of processor time of each thread of a process (schedstat of proc(5))."""
    tasks = Path(f"/proc/{pid}/task")
    return {int(each.name): int((each / "schedstat").read_text().split()[0]) for each in tasks.iterdir()}


def cost(setup: Setup, store: Server, more: str) -> float:
    """Return the microseconds of the process that a message costs a relay with *more* in its configuration."""
    with gateway(MLLP, to_ingest(store), more=more) as hilum:
        load(setup, hilum.usage, hilum.port, CONNECTIONS)
        before = sum(thread_times(hilum.usage.pid).values())
        messages = load(setup, hilum.usage, hilum.port, CONNECTIONS)["total"]
        return (sum(thread_times(hilum.usage.pid).values()) - before) / messages / 1e3


def difference(setup: Setup, store: Server) -> Sample:
    """Return by how many microseconds of the process a journal makes a message dearer, where one costs USUAL_MESSAGE.

    Beside it are those of the event loop, what was measured here, and its standard error: a shared machine is faster in
    one second than in the next one. Both kinds of turns have the same process, connections and senders.
    """
    told = BUILD / "turns.json"
    told.unlink(missing_ok=True)
    switched = str(Path(__file__).with_name("switched.py")), str(told), str(SETTLING), str(TURN)
    with gateway(MLLP, to_ingest(store), entry=switched) as hilum:
        os.kill(hilum.usage.pid, signal.SIGUSR1)
        message = samples.hl7_message(setup.files, 1000)
        looped(
            replace(setup, scale=SECONDS * setup.scale),
            "mllp_load",
            hilum.port,
            message,
            "--pause",
            PAUSE,
            connections=CONNECTIONS,
        )
        os.kill(hilum.usage.pid, signal.SIGUSR1)
        while not told.exists():
            time.sleep(0.01)
    turns = [(is_on, loop / count / 1e3, process / count / 1e3) for is_on, count, loop, process in _whole(told)]
    pairs = [(a, b) if a[0] else (b, a) for a, b in zip(turns[::2], turns[1::2], strict=False) if a[0] != b[0]]
    loop, here = ([on[place] - off[place] for on, off in pairs] for place in (1, 2))
    off = statistics.mean(process for is_on, _, process in turns if not is_on)
    usual = USUAL_MESSAGE / off
    measured = {"here": statistics.mean(here), "loop here": statistics.mean(loop), "a message without here": off}
    errors = {"± here": _error(here), "± loop here": _error(loop)}
    return Sample(measured["here"] * usual, {"loop": measured["loop here"] * usual, **measured, **errors})


def _error(values: Sequence[float]) -> float:
    """Return the standard error of the mean."""
    return statistics.stdev(values) / math.sqrt(len(values))


def _whole(told: Path) -> list[tuple[int, int, int, int]]:
    """Return the turns in which messages came all the time: not the first two and the last one."""
    return [tuple(each) for each in json.loads(told.read_text())[2:-1]]


def settled(first: int, count: int) -> list[Reply]:
    """Return so many answered messages, with numbers from *first* on."""
    replies = []
    for number in range(first, first + count):
        data = MESSAGE % number
        header = ordinary_header(data)
        assert header is not None
        facts = Facts({"protocol": "mllp", "listener": "in", "peer_ip": "10.0.0.7"}, header)
        message_id, control_id = f"0123456789ab{number:08x}", {"control_id": f"MSG{number:07d}"}
        replies.append(Reply([Settled(message_id, control_id, Stored(), [], len(data), facts)]))
    return replies


def loop_cost(setup: Setup) -> Sample:
    """Return the microseconds that the event loop spends to tell the journal of a message.

    Messages are a few milliseconds old then, as in the gateway: what was made long ago is in no cache of the processor.
    """
    buffer, passages = Buffer(most=10**9), dict[str, tuple[str, int, str]]()
    count, passed, report = setup.count(100_000), ("out", 1, ""), reporting(buffer.record)
    took = bare = 0.0
    for first in range(0, count, TOGETHER):
        if not first % (RATE // 4):  # as the thread does
            passages.clear()
            buffer.take()
        replies = settled(first, TOGETHER)
        bare += _bare(replies)
        began = time.thread_time()
        for reply in replies:
            passages.setdefault(reply.messages[0].message_id, passed)
            report.answered(reply, 0.001)
        took += time.thread_time() - began
    return Sample((took - bare) / count * 1e6, {"without a journal": bare / count * 1e6})


def reporting(record: Record) -> Report:
    """Return what a connection tells its messages to, as with ``--log-level warning``."""
    meter = Metrics().listener("in")
    meter.recorded = record
    report = Report(meter, "in", "10.0.0.7:5000")
    report._tells = False
    return report


def _bare(replies: Sequence[Reply]) -> float:
    """Return the seconds that the same takes without a journal: a listener that only counts."""
    meter = Metrics().listener("in")
    began = time.thread_time()
    for reply in replies:
        for each in reply.messages:
            if not each.answers:
                meter.answered("none", 0.001)
    return time.thread_time() - began


def new_store(folder: Path) -> SegmentStore:
    """Return a store in *folder*, which removes nothing."""
    taken = take_slot(folder, 0)
    assert taken is not None
    return SegmentStore(folder, taken, Pruning(folder, JournalSettings(days=36500, max_bytes=2**50)))


@contextmanager
def opened(folder: Path) -> Iterator[SegmentStore]:
    """Open a store in *folder*, and close it."""
    store = new_store(folder)
    try:
        yield store
    finally:
        store.close()


def thread_cost(setup: Setup) -> Sample:
    """Return the microseconds that the thread spends to make a row, count its sender and write it with its indices."""
    folder = folder_of(BUILD / "journal-cost")
    shutil.rmtree(folder, ignore_errors=True)
    passages: Passages = {}
    maker, buffer, peers = RowMaker(passages), Buffer(most=10**9), Peers()
    count = setup.count(MOST_ROWS, least=5000)
    report = reporting(buffer.record)
    spent, made = 0.0, 0.0
    with opened(folder) as store:
        store._most_rows = count
        for first in range(0, count, RATE // 4):
            for reply in settled(first, min(RATE // 4, count - first)):
                passages[reply.messages[0].message_id] = ("out", 1, "")
                report.answered(reply, 0.001)
            began = time.process_time()
            told = buffer.take()
            rows = maker.rows_of(told)
            made += time.process_time() - began
            peers.rows(rows)
            store.write(rows)
            spent += time.process_time() - began
            del told  # without a journal the event loop frees it
    octets = sum(each.path.stat().st_size for each in segments_in(folder))
    shutil.rmtree(folder)
    return Sample(spent / count * 1e6, {"of it to make rows": made / count * 1e6, "octets a row": octets / count})


def share(setup: Setup, store: Server) -> Sample:
    """Return the microseconds of event loop and thread for a message, on a machine where it costs USUAL_MESSAGE."""
    before, loop = cost(setup, store, OFF), loop_cost(setup)
    thread, after = thread_cost(setup), cost(setup, store, OFF)
    message = (before + after) / 2
    usual = USUAL_MESSAGE / message
    measured = {"loop here": loop.value, "thread here": thread.value, "relayed message here": message}
    return Sample((loop.value + thread.value) * usual, {"loop": loop.value * usual, **measured})


def growth(setup: Setup) -> Sample:
    """Return the most rows that ever waited at the full rate, across the ends of segments."""
    folder = folder_of(BUILD / "journal-growth")
    shutil.rmtree(folder, ignore_errors=True)
    replies = settled(0, 100)
    store = new_store(folder)
    store._most_rows = setup.count(4 * RATE)
    journal = Journal(RowMaker({}), store)
    report = reporting(journal.record)
    journal.start()
    until, due, number = time.perf_counter() + 10 * setup.seconds, time.perf_counter(), 0
    while due < until:
        for _ in range(RATE // 100):
            number += 1
            report.answered(replies[number % 100], 0.001)
        due += 0.01
        time.sleep(max(0.0, due - time.perf_counter()))
    journal.stop(30)
    shutil.rmtree(folder)
    return Sample(journal.buffer.highest, {"dropped": journal.dropped, "messages": number})


def records(count: int, chance: random.Random) -> Iterator[Row]:
    """Yield rows of a busy site: 40 peers of which one sends half, random UIDs, one message in 100 fails."""
    began = time.time() - 86400.0 * 30
    for number in range(count):
        peer = "BUSY" if number % 2 else f"CT{chance.randrange(40)}"
        fails = not number % 100
        yield Row(
            began + number * 0.25,
            f"{chance.getrandbits(80):020x}",
            "rare" if number % 100_003 == 7 else "modalities",
            peer,
            f"10.0.0.{number % 40}:{5000 + number % 1000}",
            f"1.2.826.{chance.getrandbits(40)}.{number}",
            "1.2.840.10008.5.1.4.1.1.2",
            524_288,
            "unavailable" if fails else "stored",
            "A700" if fails else "0000",
            "connection refused" if fails else "",
            "image-store",
            1,
            0.02,
        )


@dataclass(frozen=True, slots=True)
class Built:
    """A journal to search, and some of its rows."""

    folder: Path
    oldest: Row
    newest: Row

    def keys(self) -> dict[str, Query]:
        """Return a query for each key, those with the most work among them."""
        return {
            "newest": Query(),
            "ID, oldest": Query(identifier=self.oldest.key),
            "ID, absent": Query(identifier="1.2.3.absent"),
            "message ID": Query(identifier=self.oldest.message_id),
            "UID prefix": Query(uid_prefix=self.oldest.key[:14]),
            "busy peer": Query(peer="BUSY"),
            "rare peer": Query(peer="CT7"),
            "failed": Query(outcome="not_stored"),
            "time": Query(until=self.oldest.at + 3600),
        }


def first_pages(built: Built) -> Sample:
    """Return the milliseconds of the slowest first page by one key, and those of each."""
    took = {name: _milliseconds(built.folder, query) for name, query in built.keys().items()}
    return Sample(max(took.values()), took)


def two_filters(built: Built) -> Sample:
    """Return the milliseconds of the slowest page with two conditions that no row, or hardly one, meets together."""
    queries = {
        "peer and listener": Query(peer="BUSY", listener="rare"),
        "peer and outcome": Query(peer="BUSY", outcome="not_stored"),
        "listener and outcome": Query(listener="rare", outcome="not_stored"),
        "prefix and outcome": Query(uid_prefix="1.2.826", outcome="parked"),
    }
    took = {name: _milliseconds(built.folder, query) for name, query in queries.items()}
    return Sample(max(took.values()), took)


def _milliseconds(folder: Path, query: Query) -> float:
    began = time.perf_counter()
    page = search(folder, query)
    took = (time.perf_counter() - began) * 1e3
    if page.next is not None:  # the next page must go on
        search(folder, replace(query, before=page.next))
    return took


def prune(built: Built) -> Sample:
    """Return the milliseconds to remove the oldest segment in a thread, and the longest pause of an event loop."""

    async def measure() -> Sample:
        pauses: list[float] = []
        oldest = segments_in(built.folder)[-1]
        copy = built.folder.with_name("pruned")
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        shutil.copy(oldest.path, copy / oldest.path.name)
        settings = JournalSettings.model_construct(enabled=True, days=36500, max_bytes=0)
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        pruning = loop.run_in_executor(None, partial(Pruning(copy, settings).review, time.time(), 0, None))
        while not pruning.done():
            last = time.perf_counter()
            await asyncio.sleep(0)
            pauses.append(time.perf_counter() - last)
        took = time.perf_counter() - began
        assert [] == segments_in(copy)
        return Sample(took * 1e3, {"longest pause of the loop, ms": max(pauses) * 1e3})

    return asyncio.run(measure())


@contextmanager
def built(setup: Setup) -> Iterator[Built]:
    """Make a journal of RECORDS rows."""
    folder = folder_of(BUILD / "journal-search")
    shutil.rmtree(folder, ignore_errors=True)
    chance = random.Random(22)
    batch: list[Row] = []
    first = last = None
    with opened(folder) as store:
        for row in records(setup.count(RECORDS, least=20_000), chance):
            first, last = first or row, row
            batch.append(row)
            if len(batch) >= 10_000:
                store.write(batch)
                batch.clear()
        store.write(batch)
    assert first is not None
    assert last is not None
    try:
        yield Built(folder, first, last)
    finally:
        shutil.rmtree(folder)


@contextmanager
def journal(setup: Setup) -> Iterator[list[Case]]:
    """Row 13."""

    def case(name: str, unit: str, measure: Callable[[], Sample], *goals: Goal) -> Case:
        return Case(13, name, unit, {"Hilum": measure}, goals)

    with sink() as store, built(setup) as made:
        yield [
            case(
                f"a relayed message with a journal, more than without, on and off in turns, {CONNECTIONS} connections",
                "CPU µs of the process",
                partial(difference, setup, store),
                Goal("value", at_most=PROCESS_GOAL),
                Goal("loop", at_most=LOOP_GOAL),
            ),
            case(
                f"the same measured alone, where a message costs {USUAL_MESSAGE:g} µs",
                "CPU µs of the process",
                partial(share, setup, store),
                Goal("value", at_most=PROCESS_GOAL),
                Goal("loop", at_most=LOOP_GOAL),
            ),
            case(
                "what the event loop does of it",
                "CPU µs a message",
                partial(loop_cost, setup),
                Goal("value", at_most=LOOP_GOAL),
            ),
            case("what the thread does of it", "CPU µs a row", partial(thread_cost, setup)),
            case(
                f"rows that wait at most, at {RATE} messages a second",
                "rows",
                partial(growth, setup),
                Goal("value", at_most=RATE),
                Goal("dropped", at_most=0.5),
            ),
            case("first page by any key", "ms", partial(first_pages, made), Goal("value", at_most=100)),
            case("a page by two conditions", "ms", partial(two_filters, made), Goal("value", at_most=150)),
            case("a segment is pruned", "ms", partial(prune, made), Goal("value", at_most=200)),
        ]
