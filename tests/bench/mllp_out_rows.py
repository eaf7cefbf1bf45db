"""Row 10: HL7 over MLLP relayed to a receiver over MLLP, on 16 connections to either side."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.bench import samples
from tests.bench.loads import closed_loop
from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.servers import MLLP, Server, gateway, scripted
from tests.bench.setup import Setup

ROW = 10
CONNECTIONS = 16
DELAY = 0.005
DIRECT = "limit: straight to the receiver"
BARE_RELAY = "the barest relay with asyncio's streams"
PIPE = "limit: octets passed on in Python, no block cut"
COST, ABOVE = "CPU ms a message", "p50 ms above the direct one"


def sent(setup: Setup, message: Path, server: Server, *, is_measured: bool = False) -> Sample:
    """Send *message* over MLLP again and again; return messages per second."""
    usage = server.usage if is_measured else None
    return closed_loop(setup, "mllp_load", server.port, message, connections=CONNECTIONS, usage=usage)


def cost(setup: Setup, message: Path, server: Server) -> Sample:
    """Return the processor time that a message costs *server*, in ms."""
    return Sample(sent(setup, message, server, is_measured=True).more[COST])


def beside(setup: Setup, message: Path, server: Server, peer: Server) -> Sample:
    """Return messages per second through *server*, and how much longer an answer takes than straight from *peer*."""
    direct, through = sent(setup, message, peer), sent(setup, message, server, is_measured=True)
    return Sample(through.value, {**through.more, ABOVE: through.more["p50 ms"] - direct.more["p50 ms"]})


@contextmanager
def relay(setup: Setup) -> Iterator[list[Case]]:
    """Row 10."""
    message = samples.hl7_message(setup.files, 1000)
    with ExitStack() as stack:

        def receiver(delay: float) -> tuple[Server, Server, Server, Server]:
            peer = stack.enter_context(scripted("mllp_peer", "--delay", delay))
            out = f"kind: mllp, host: 127.0.0.1, port: {peer.port}, connections: {CONNECTIONS}"
            running = stack.enter_context(gateway(MLLP, out))
            bare = stack.enter_context(scripted("streams_mllp_relay", peer.port))
            pipe = stack.enter_context(scripted("bare_mllp_relay", peer.port))
            return peer, Server(running.usage, running.port), bare, pipe

        through, work = partial(sent, setup, message), partial(cost, setup, message)
        fast, hilum, bare, pipe = receiver(0.0)
        slow, hilum_slow, bare_slow, _ = receiver(DELAY)
        name = f"MLLP to MLLP, 1 kB, {CONNECTIONS} connections"
        yield [
            Case(
                ROW,
                name,
                "messages/s",
                {
                    HILUM: partial(through, hilum, is_measured=True),
                    DIRECT: partial(through, fast),
                    BARE_RELAY: partial(through, bare, is_measured=True),
                    PIPE: partial(through, pipe, is_measured=True),
                },
            ),
            Case(
                ROW,
                f"{name}: processor time",
                "ms a message",
                {HILUM: partial(work, hilum), BARE_RELAY: partial(work, bare), PIPE: partial(work, pipe)},
                [Goal(BARE_RELAY, at_most=3)],
            ),
            Case(
                ROW,
                f"{name}, a receiver of 5 ms",
                "messages/s",
                {
                    HILUM: partial(beside, setup, message, hilum_slow, slow),
                    DIRECT: partial(through, slow),
                    BARE_RELAY: partial(through, bare_slow, is_measured=True),
                },
                [Goal(DIRECT, at_least=0.85), Goal(ABOVE, at_most=1)],
            ),
        ]
