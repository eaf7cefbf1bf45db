"""Row 9: what one message costs the gateway: processor time, system calls, calls of Python and of built-in functions.

Counts hardly depend on what else the machine does, so that one run on a busy machine shows whether a change brings
something. They are taken in runs of their own, because counting slows the gateway down several times.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench import counting, samples
from tests.bench.counted import PYTHON
from tests.bench.loads import looped, rate
from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.node_relay import NODE, node_relay
from tests.bench.processes import BUILD, ROOT, Usage
from tests.bench.servers import MLLP, MODULE, Gateway, Server, gateway, sink, to_http, to_ingest
from tests.bench.setup import Setup

OLD = "the old version"
CONNECTIONS = 1, 16, 64
COUNTED_AT = 16
COMMITTING = f"{MLLP}, acknowledge: commit, order_by: connection"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which messages are handled, and by connections the goal: the greatest share of the old cost."""

    name: str
    listener: str
    destination: Callable[[Server], str]
    log_level: str
    goals: Mapping[int, float]
    rival: Callable[[Server], AbstractContextManager[Server]] | None = None
    """Runs another relay that does the same."""


OF_RELAY, OF_LOGGING, OF_COMMIT = {1: 0.65, 16: 0.5, 64: 0.5}, {16: 0.42, 64: 0.42}, {16: 0.45, 64: 0.45}
KINDS = [
    Kind("relay to http", MLLP, to_http, "warning", OF_RELAY),
    Kind("relay to messages:ingest", MLLP, to_ingest, "warning", OF_RELAY, node_relay),
    Kind("relay to messages:ingest, --log-level info", MLLP, to_ingest, "info", OF_LOGGING),
    Kind("commit, delivered to messages:ingest", COMMITTING, to_ingest, "warning", OF_COMMIT),
]


@dataclass(frozen=True, slots=True)
class Contender:
    """A version of Hilum, in the folder *root*, that handles messages in one way."""

    setup: Setup
    store: Server
    kind: Kind
    root: Path

    def costs(self, connections: int) -> Sample:
        """Return the microseconds of processor time that a message takes, those of its delivery included."""
        with self._running() as hilum:
            return cost(self.setup, hilum.usage, hilum.port, connections)

    def counts(self) -> Sample:
        """Return the Python calls that a message takes, and beside them its other counts."""
        path = BUILD / "counted.json"
        entry = str(Path(__file__).with_name("counted.py")), str(path)
        with self._running(*entry) as hilum:
            load(self.setup, hilum.usage, hilum.port, COUNTED_AT)  # what happens once, such as connecting
            before = counting.calls(hilum.usage.pid, path)
            messages = load(self.setup, hilum.usage, hilum.port, COUNTED_AT)["total"]
            after = counting.calls(hilum.usage.pid, path)
        counted = {key: (after[key] - before[key]) / messages for key in before}
        python = counted.pop(PYTHON)
        if counting.has_strace():
            with self._running() as hilum, counting.traced(hilum.usage.pid, counted):
                messages = load(self.setup, hilum.usage, hilum.port, COUNTED_AT)["total"]
            counted[counting.SYSTEM] /= messages
        return Sample(python, counted)

    def _running(self, *entry: str) -> AbstractContextManager[Gateway]:
        kind = self.kind
        destination = kind.destination(self.store)
        return gateway(kind.listener, destination, log_level=kind.log_level, root=self.root, entry=entry or MODULE)


def load(setup: Setup, usage: Usage, port: int, connections: int) -> Mapping[str, float]:
    """Send messages of 1 kB to *port*; return what the generator tells, once the process is idle again."""
    message = samples.hl7_message(setup.files, 1000)
    told = looped(setup, "mllp_load", port, message, connections=connections)
    usage.wait_until_idle()
    return told


def cost(setup: Setup, usage: Usage, port: int, connections: int) -> Sample:
    """Return the microseconds of processor time that a message takes at *port*, with how they are spent."""
    user, system = usage.cpu_by_mode()
    told = load(setup, usage, port, connections)
    users, systems = usage.cpu_by_mode()
    user, system = ((each * 1e6 / told["total"]) for each in (users - user, systems - system))
    return Sample(user + system, {"user": user, "system": system, "messages/s": told["rate"], **rate(told).more})


def contenders(setup: Setup, store: Server, kind: Kind) -> Mapping[str, Contender]:
    """Return this version, and the old one if there is one."""
    roots = {HILUM: ROOT} | ({OLD: setup.old} if setup.old else {})
    return {name: Contender(setup, store, kind, root) for name, root in roots.items()}


def _cases(setup: Setup, store: Server, kind: Kind) -> Iterator[Case]:
    versions = contenders(setup, store, kind)
    skipped = {} if kind.rival is None or (why := _missing(store)) is None else {NODE: why}
    for connections in CONNECTIONS:
        costs = {name: partial(each.costs, connections) for name, each in versions.items()}
        if kind.rival is not None and not skipped:
            costs[NODE] = partial(_cost_of, kind.rival, setup, store, connections)
        goals = [Goal(OLD, at_most=kind.goals[connections])] if connections in kind.goals else []
        name = f"{kind.name}, {connections} connection{'s' * (connections > 1)}"
        yield Case(9, name, "CPU µs a message", costs, goals, skipped=skipped)
    counts = {name: each.counts for name, each in versions.items()}
    skipped = {} if counting.has_strace() else {counting.SYSTEM: "strace is not installed: make peers"}
    yield Case(9, f"{kind.name}, {COUNTED_AT} connections", "Python calls a message", counts, skipped=skipped)


def _cost_of(
    rival: Callable[[Server], AbstractContextManager[Server]], setup: Setup, store: Server, connections: int
) -> Sample:
    with rival(store) as server:
        load(setup, server.usage, server.port, connections)  # until its code is compiled
        return cost(setup, server.usage, server.port, connections)


def _missing(store: Server) -> str | None:
    """Return why the relay in Node.js cannot run here, or None."""
    try:
        with node_relay(store):
            return None
    except LookupError as error:
        return str(error)


@contextmanager
def per_message(setup: Setup) -> Iterator[list[Case]]:
    """Row 9."""
    with sink() as store:
        yield [case for kind in KINDS for case in _cases(setup, store, kind)]
