"""Row 8: one worker process against two, and what a message and a gigabyte cost them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from tests.bench import samples
from tests.bench.dimse_rows import has_dcmtk, relayed
from tests.bench.measure import Case, Goal
from tests.bench.mllp_rows import LIMIT, posted, sent
from tests.bench.servers import DIMSE, MLLP, Gateway, Server, gateway, sink, to_http, to_stow
from tests.bench.setup import Setup

ONE, TWO = "1 worker", "2 workers"
GOALS = (Goal(ONE, at_least=1.7),)
WORKERS = {TWO: 2, ONE: 1}


@contextmanager
def scaling(setup: Setup) -> Iterator[list[Case]]:
    """Row 8."""
    with ExitStack() as stack:
        store = stack.enter_context(sink())

        def workers(listener: str, destination: str) -> dict[str, Gateway]:
            return {
                name: stack.enter_context(gateway(listener, destination, workers=count))
                for name, count in WORKERS.items()
            }

        dimse = [_dimse_case(setup, workers(DIMSE, to_stow(store)))] if has_dcmtk() else []
        mllp = workers(MLLP, to_http(store))
        yield [*dimse, *(_mllp_case(setup, store, mllp, connections) for connections in (16, 64))]


def _dimse_case(setup: Setup, gateways: dict[str, Gateway]) -> Case:
    paths = samples.series(setup.files / "small", setup.count(400, least=8))
    contenders = {name: partial(relayed, hilum, paths, 4) for name, hilum in gateways.items()}
    return Case(8, "DIMSE to STOW-RS, 0.5 MB instances, 4 associations", "MB/s", contenders, GOALS, subject=TWO)


def _mllp_case(setup: Setup, store: Server, gateways: dict[str, Gateway], connections: int) -> Case:
    message = samples.hl7_message(setup.files, 1000)
    contenders = {
        name: partial(sent, setup, Server(hilum.usage, hilum.port), message, connections, hilum.usage)
        for name, hilum in gateways.items()
    }
    limit = {LIMIT: partial(posted, setup, store, "/hl7", message, connections)}
    name = f"MLLP to HTTP, 1 kB, {connections} connections"
    return Case(8, name, "messages/s", contenders | limit, GOALS, subject=TWO)
