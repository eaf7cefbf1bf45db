"""Row 4: HL7 over MLLP relayed to an HTTP store."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.bench import samples
from tests.bench.loads import closed_loop
from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.processes import Usage
from tests.bench.servers import MLLP, Server, gateway, mllp_http, scripted, sink, to_http, to_ingest
from tests.bench.setup import Setup

LIMIT = "limit: bare HTTP client"
PEER = "mllp-http"
BARE_RELAY = "the barest relay in Python"
CONNECTIONS = 1, 16, 64, 256
SIZES = {1000: "1 kB", 10_000: "10 kB"}


def sent(setup: Setup, server: Server, message: Path, connections: int, usage: Usage | None = None) -> Sample:
    """Send *message* over MLLP again and again; return messages per second."""
    return closed_loop(setup, "mllp_load", server.port, message, connections=connections, usage=usage)


def posted(setup: Setup, store: Server, path: str, body: Path, connections: int) -> Sample:
    """Post *body* straight to *store* again and again; return requests per second."""
    return closed_loop(setup, "http_load", store.port, path, body, connections=connections)


@dataclass(frozen=True, slots=True)
class Running:
    """The servers of this row."""

    setup: Setup
    store: Server
    hilum: Server
    talkative: Server
    ingesting: Server
    bare: Server
    bare_relay: Server
    peer: Server | None
    skipped: Mapping[str, str] = field(default_factory=dict)

    def relay(self, size: int, connections: int) -> Case:
        """Return the case of messages of *size* octets on so many connections."""
        message = samples.hl7_message(self.setup.files, size)
        through = partial(sent, self.setup, message=message, connections=connections)
        contenders = {
            HILUM: partial(through, self.hilum, usage=self.hilum.usage),
            LIMIT: partial(posted, self.setup, self.store, "/hl7", message, connections),
            BARE_RELAY: partial(through, self.bare_relay, usage=self.bare_relay.usage),
        }
        if self.peer:
            contenders[PEER] = partial(through, self.peer)
        goals = [Goal(PEER, at_least=25)] if connections == 1 else []
        goals += [Goal(LIMIT, at_least=0.5)] if connections == 16 else []
        goals += [Goal("p99 ÷ p50", at_most=4)] if connections == 64 else []
        name = f"MLLP to HTTP, {SIZES[size]}, {connections} connection{'s' * (connections > 1)}"
        charted = size == 1000 and connections in {1, 16, 64}
        return Case(4, name, "messages/s", contenders, goals, charted=charted, skipped=self.skipped)

    def others(self) -> list[Case]:
        """Return the cases beside the table: the real store's protocol, the cost of logging, the generator."""
        message = samples.hl7_message(self.setup.files, 1000)
        request = samples.ingest_request(message)
        through = partial(sent, self.setup, message=message, connections=16)
        ingest = {
            HILUM: partial(through, self.ingesting, usage=self.ingesting.usage),
            LIMIT: partial(posted, self.setup, self.store, "/messages:ingest", request, 16),
        }
        instruments = {
            HILUM: partial(through, self.hilum, usage=self.hilum.usage),
            "with --log-level info": partial(through, self.talkative, usage=self.talkative.usage),
            "the generator's ceiling: bare MLLP answerer": partial(through, self.bare),
        }
        return [
            Case(4, "MLLP to messages:ingest, 1 kB, 16 connections", "messages/s", ingest),
            Case(4, "MLLP to HTTP, 1 kB, 16 connections: logging", "messages/s", instruments),
        ]


@contextmanager
def relay(setup: Setup) -> Iterator[list[Case]]:
    """Row 4."""
    with ExitStack() as stack:
        store = stack.enter_context(sink())

        def hilum(destination: str, log_level: str = "warning") -> Server:
            running = stack.enter_context(gateway(MLLP, destination, log_level=log_level))
            return Server(running.usage, running.port)

        skipped: dict[str, str] = {}
        peer = None
        try:
            peer = stack.enter_context(mllp_http(store))
        except LookupError as error:
            skipped[PEER] = str(error)
        running = Running(
            setup,
            store,
            hilum(to_http(store)),
            hilum(to_http(store), "info"),
            hilum(to_ingest(store)),
            stack.enter_context(scripted("bare_mllp")),
            stack.enter_context(scripted("bare_relay", store.port)),
            peer,
            skipped,
        )
        cases = [running.relay(size, connections) for size in SIZES for connections in CONNECTIONS]
        yield [*cases, *running.others()]
