"""Row 12: FHIR over HTTP relayed to a FHIR store."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.bench import samples
from tests.bench.loads import closed_loop
from tests.bench.measure import HILUM, Case, Sample
from tests.bench.servers import HTTP, Server, gateway, scripted, sink, to_fhir
from tests.bench.setup import Setup

ROW = 12
PATH = "/fhir/Patient"
CONNECTIONS = 1, 16, 64
SIZES = {1000: "1 kB", 100_000: "100 kB"}
DIRECT = "limit: straight to the store"
AIOHTTP = "a relay of aiohttp's server and client"
PIPE = "limit: octets passed on in Python, no request read"


def posted(setup: Setup, resource: Path, connections: int, server: Server, *, is_measured: bool = True) -> Sample:
    """Create *resource* again and again; return requests per second."""
    usage = server.usage if is_measured else None
    options = "--content-type", "application/fhir+json"
    return closed_loop(setup, "http_load", server.port, PATH, resource, *options, connections=connections, usage=usage)


@contextmanager
def relay(setup: Setup) -> Iterator[list[Case]]:
    """Row 12."""
    with ExitStack() as stack:
        store = stack.enter_context(sink())
        running = stack.enter_context(gateway(HTTP, to_fhir(store)))
        contenders = {
            HILUM: Server(running.usage, running.port),
            AIOHTTP: stack.enter_context(scripted("aiohttp_relay", store.port)),
            PIPE: stack.enter_context(scripted("bare_mllp_relay", store.port)),
        }
        yield [
            _case(setup, size, connections, contenders, store)
            for size in SIZES
            for connections in (CONNECTIONS if size == min(SIZES) else CONNECTIONS[1:2])
        ]


def _case(setup: Setup, size: int, connections: int, contenders: dict[str, Server], store: Server) -> Case:
    through = partial(posted, setup, samples.fhir_resource(setup.files, size), connections)
    name = f"FHIR over HTTP to a store, {SIZES[size]}, {connections} connection{'s' * (connections > 1)}"
    measured = {each: partial(through, server) for each, server in contenders.items()}
    return Case(ROW, name, "requests/s", {**measured, DIRECT: partial(through, store, is_measured=False)})
