"""Rows 5 and 6: commit mode against what the disk allows, and both modes with a distant store."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.bench import samples
from tests.bench.loads import instances, split, store, upload
from tests.bench.measure import HILUM, BenchError, Case, Goal, Sample
from tests.bench.mllp_rows import LIMIT, posted, sent
from tests.bench.processes import BUILD, output_of, script
from tests.bench.servers import DIMSE, MLLP, Gateway, Server, gateway, scripted, sink, to_http, to_stow
from tests.bench.setup import Setup

# All connections come from one address here, but stand for as many senders.
COMMITTING_MLLP = f"{MLLP}, acknowledge: commit, order_by: connection"
COMMITTING_DIMSE = f"{DIMSE}, acknowledge: commit"
FSYNC = "limit: bare group fsync"
CONNECTIONS = 64
DRAIN_SECONDS = 120


def drain(hilum: Gateway) -> float:
    """Wait until everything is delivered; return the seconds that took."""
    begin = time.perf_counter()
    while hilum.waiting():
        if time.perf_counter() > begin + DRAIN_SECONDS:
            raise BenchError(f"the spool was not empty after {DRAIN_SECONDS} s")
        time.sleep(0.02)
    return time.perf_counter() - begin


def committed(setup: Setup, hilum: Gateway, message: Path) -> Sample:
    """Send messages that are committed; return those acknowledged per second. Ends when all are delivered."""
    sample = sent(setup, Server(hilum.usage, hilum.port), message, CONNECTIONS)
    drain(hilum)
    return sample


def committed_far(setup: Setup, far: Server, message: Path) -> Sample:
    """Do the same in a gateway of its own, and leave what is not delivered: that would take minutes."""
    with gateway(COMMITTING_MLLP, to_http(far)) as hilum:
        return sent(setup, Server(hilum.usage, hilum.port), message, CONNECTIONS)


def committed_instances(setup: Setup, hilum: Gateway, count: int, associations: int) -> Sample:
    """Store new instances that are committed; return those acknowledged per second, and delivered per second."""
    paths = samples.series(setup.files / "fresh", count)
    seconds = store(hilum.port, split(paths, associations))
    until_delivered = seconds + drain(hilum)
    return Sample(count / seconds, {"delivered/s": count / until_delivered})


def fsynced(setup: Setup, size: int, committers: int, files: int = 0) -> Sample:
    """Append records, or write *files*, and make them durable; return those per second."""
    kind = ("--files", files) if files else ("--seconds", setup.seconds)
    command = script("fsync_loop", BUILD / "fsync", size, committers, *kind)
    return Sample(json.loads(output_of(command))["rate"])


@contextmanager
def commit(setup: Setup) -> Iterator[list[Case]]:
    """Row 5."""
    message = samples.hl7_message(setup.files, 1000)
    count = setup.count(400, least=8)
    size = samples.octets(samples.series(setup.files / "fresh", 1))
    with ExitStack() as stack:
        sinks = stack.enter_context(sink())
        mllp = stack.enter_context(gateway(COMMITTING_MLLP, to_http(sinks)))
        dimse = stack.enter_context(gateway(COMMITTING_DIMSE, to_stow(sinks)))
        journal = stack.enter_context(scripted("bare_mllp", "--journal", BUILD / "journal"))
        yield [
            Case(
                5,
                f"Commit, 1 kB messages, {CONNECTIONS} connections",
                "messages/s",
                {
                    HILUM: partial(committed, setup, mllp, message),
                    FSYNC: partial(fsynced, setup, 1000, CONNECTIONS),
                    "bare MLLP answerer with group fsync": partial(sent, setup, journal, message, CONNECTIONS),
                },
                [Goal(FSYNC, at_least=0.5)],
                charted=True,
            ),
            Case(
                5,
                "Commit, 0.5 MB instances, 4 associations",
                "instances/s",
                {
                    HILUM: partial(committed_instances, setup, dimse, count, 4),
                    "limit: bare files with fsync": partial(fsynced, setup, size, 4, count),
                },
            ),
        ]


@contextmanager
def distant(setup: Setup) -> Iterator[list[Case]]:
    """Row 6."""
    with ExitStack() as stack:
        yield [case for delay in (0.05, 0.2) for case in _distant(setup, stack, delay)]


def _distant(setup: Setup, stack: ExitStack, delay: float) -> list[Case]:
    far = stack.enter_context(sink(delay))
    message = samples.hl7_message(setup.files, 1000)
    few = samples.series(setup.files / "few", setup.count(round(1 / delay), least=2))
    relaying = stack.enter_context(gateway(MLLP, to_http(far)))
    storing = stack.enter_context(gateway(DIMSE, to_stow(far)))
    spooling = stack.enter_context(gateway(COMMITTING_DIMSE, to_stow(far)))
    text = f"store {delay * 1000:g} ms away"
    relay_mode, commit_mode = f"{HILUM}, relay", f"{HILUM}, commit"
    return [
        Case(
            6,
            f"{text}, MLLP, {CONNECTIONS} connections",
            "messages/s",
            {
                relay_mode: partial(sent, setup, Server(relaying.usage, relaying.port), message, CONNECTIONS),
                LIMIT: partial(posted, setup, far, "/hl7", message, CONNECTIONS),
                commit_mode: partial(committed_far, setup, far, message),
            },
            subject=relay_mode,
        ),
        Case(
            6,
            f"{text}, DIMSE, 1 association",
            "instances/s",
            {
                relay_mode: partial(instances, Server(storing.usage, storing.port), few, 1),
                LIMIT: partial(_uploaded, far, few),
                commit_mode: partial(committed_instances, setup, spooling, setup.count(200, least=8), 1),
            },
            subject=relay_mode,
        ),
    ]


def _uploaded(store: Server, paths: Sequence[Path]) -> Sample:
    return Sample(len(paths) / upload(store, paths, 1))
