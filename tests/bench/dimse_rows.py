"""Rows 1 to 3: DICOM in, and its relay to an HTTP store."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench import samples
from tests.bench.loads import MEGABYTE, instances, megabytes, store, upload, with_cpu_per_gigabyte
from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.servers import (
    DIMSE,
    Gateway,
    Server,
    gateway,
    orthanc,
    scripted,
    sink,
    storescp,
    to_stow,
)
from tests.bench.setup import Setup
from tests.peers.orthanc import BINARY

BARE = "bare reader"
RELAYING = "Hilum, relaying over HTTP"
PIPE = "octets passed on unread"
MULTI_FRAME = 400 << 20
SLOW = "storescp", "Orthanc"
SLOW_SHARE = 10
"""These get a tenth of the instances: they take about 20 s for 400."""


def peers() -> dict[str, Callable[[], AbstractContextManager[Server]]]:
    """Return how to run each storage SCP that Hilum is compared with."""
    found: dict[str, Callable[[], AbstractContextManager[Server]]] = {
        "pynetdicom": partial(scripted, "pynetdicom_scp"),
        "storescp": storescp,
    }
    return found | ({"Orthanc": orthanc} if BINARY else {}) | {BARE: partial(scripted, "bare_scp")}


def missing() -> dict[str, str]:
    """Return which of them is not installed."""
    return {} if BINARY else {"Orthanc": "not installed: make peers"}


@contextmanager
def scps(first: Sequence[Path]) -> Iterator[dict[str, Server]]:
    """Run Hilum, discarding and relaying, and every peer, each with the instances *first* behind it."""
    with ExitStack() as stack:
        relaying = stack.enter_context(gateway(DIMSE, to_stow(stack.enter_context(sink()))))
        servers = {
            HILUM: stack.enter_context(scripted("discarding_scp")),
            RELAYING: Server(relaying.usage, relaying.port),
            **{name: stack.enter_context(run()) for name, run in peers().items()},
        }
        for server in servers.values():
            store(server.port, [first])  # what an acceptor does once is not measured
            server.clean()
        yield servers


@contextmanager
def small(setup: Setup) -> Iterator[list[Case]]:
    """Row 1."""
    paths = samples.series(setup.files / "small", setup.count(400, least=8))
    goals = Goal("pynetdicom", at_least=6), Goal("storescp", at_least=8), Goal("Orthanc", at_least=30)
    few = paths[: max(4, len(paths) // SLOW_SHARE)]
    with scps(few[:1]) as servers:
        yield [
            Case(
                1,
                f"DIMSE in, 0.5 MB instances, {text}",
                "instances/s",
                {
                    name: partial(instances, server, few if name in SLOW else paths, associations)
                    for name, server in servers.items()
                },
                goals,
                charted=True,
                skipped=missing(),
            )
            for associations, text in ((1, "1 association"), (4, "4 associations"))
        ]


@contextmanager
def large(setup: Setup) -> Iterator[list[Case]]:
    """Row 2."""
    path = samples.multi_frame(setup.files, setup.count(MULTI_FRAME))
    goals = Goal("pynetdicom", at_least=4), Goal(BARE, at_least=1 / 1.3)
    with scps(samples.series(setup.files / "few", 1)) as servers:
        yield [
            Case(
                2,
                f"DIMSE in, 400 MiB multi-frame, {text} PDUs",
                "MB/s",
                {name: partial(megabytes, server, [path], 1, *options) for name, server in servers.items()},
                goals,
                charted=not options,
                skipped=missing(),
            )
            for options, text in (((), "128 KiB"), (("--max-send-pdu", "16384"), "16 KiB"))
        ]


@contextmanager
def relay(setup: Setup) -> Iterator[list[Case]]:
    """Row 3."""
    paths = samples.series(setup.files / "small", setup.count(400, least=8))
    big = [samples.multi_frame(setup.files, setup.count(MULTI_FRAME))]
    with ExitStack() as stack:
        sinks = stack.enter_context(sink())
        running = Relaying(
            sinks,
            stack.enter_context(gateway(DIMSE, to_stow(sinks))),
            stack.enter_context(scripted("bare_scp")),
            stack.enter_context(scripted("bare_pipe", sinks.port)),
        )
        yield [
            relay_case(running, big, 1, "400 MiB multi-frame"),
            relay_case(running, paths, 1, "0.5 MB instances, 1 association"),
            relay_case(running, paths, 4, "0.5 MB instances, 4 associations"),
        ]


@dataclass(frozen=True, slots=True)
class Relaying:
    """The servers of row 3."""

    sinks: Server
    hilum: Gateway
    bare: Server
    pipe: Server


def relay_case(running: Relaying, paths: Sequence[Path], associations: int, text: str) -> Case:
    """Return the case of *paths* relayed to the sink, against a client that posts them itself."""
    limit = "limit: bare HTTP client"
    return Case(
        3,
        f"DIMSE to STOW-RS, {text}",
        "MB/s",
        {
            HILUM: partial(relayed, running.hilum, paths, associations),
            limit: partial(posted, running.sinks, paths, associations),
            PIPE: partial(piped, running.pipe, paths, associations),
            "storescu alone, to the bare reader": partial(megabytes, running.bare, paths, associations),
        },
        (Goal(limit, at_least=0.75), Goal("CPU s a GB", at_most=0.6)),
        charted=associations == 1,
    )


def relayed(hilum: Gateway, paths: Sequence[Path], associations: int) -> Sample:
    """Store *paths* through Hilum; return MB per second and its cost."""
    measure = partial(megabytes, Server(hilum.usage, hilum.port), paths, associations)
    return with_cpu_per_gigabyte(hilum.usage, paths, measure)


def posted(sinks: Server, paths: Sequence[Path], connections: int) -> Sample:
    """Post *paths* by the bare client; return MB per second."""
    return Sample(samples.octets(paths) / MEGABYTE / upload(sinks, paths, connections))


def piped(pipe: Server, paths: Sequence[Path], connections: int) -> Sample:
    """Post *paths* by the bare client through a process that looks at nothing; return MB per second and its cost."""
    return with_cpu_per_gigabyte(pipe.usage, paths, lambda: posted(pipe, paths, connections))


def has_dcmtk() -> bool:
    """Tell whether DCMTK's programs are installed."""
    return all(map(shutil.which, ("storescu", "storescp")))
