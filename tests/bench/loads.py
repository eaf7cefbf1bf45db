"""One measurement each: a load against a server, and the processor time it cost the gateway."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.bench.measure import BenchError, Sample
from tests.bench.processes import Usage, output_of, script
from tests.bench.samples import octets
from tests.bench.servers import MAX_PDU, Server
from tests.bench.setup import Setup

GIGABYTE, MEGABYTE = 1e9, 1e6


def split(paths: Sequence[Path], associations: int) -> list[Sequence[Path]]:
    """Deal *paths* out to so many associations."""
    return [paths[first::associations] for first in range(associations)]


def store(port: int, shares: Sequence[Sequence[Path]], *options: str) -> float:
    """Send each share over an association of its own, all at once; return the seconds until all are answered."""
    command = ["storescu", "--max-pdu", str(MAX_PDU), *options, "-aec", "HILUM", "127.0.0.1", str(port)]
    begin = time.perf_counter()
    senders = [subprocess.Popen([*command, *map(str, share)], stderr=subprocess.DEVNULL) for share in shares]
    statuses = [sender.wait() for sender in senders]
    if any(statuses):
        raise BenchError(f"storescu ended with {statuses}")
    return time.perf_counter() - begin


def instances(server: Server, paths: Sequence[Path], associations: int) -> Sample:
    """Store *paths* into *server*; return instances per second."""
    seconds = store(server.port, split(paths, associations))
    server.clean()
    return Sample(len(paths) / seconds)


def megabytes(server: Server, paths: Sequence[Path], associations: int, *options: str) -> Sample:
    """Store *paths* into *server*; return MB per second."""
    seconds = store(server.port, split(paths, associations), *options)
    server.clean()
    return Sample(octets(paths) / MEGABYTE / seconds)


def upload(store: Server, paths: Sequence[Path], connections: int) -> float:
    """Post *paths* to *store* by a bare client; return the seconds it took."""
    command = script("http_upload", store.port, *paths, "--connections", connections)
    return float(json.loads(output_of(command))["seconds"])


def closed_loop(setup: Setup, name: str, *arguments: object, connections: int, usage: Usage | None = None) -> Sample:
    """Run a load generator; return requests per second, latencies, and the cost in *usage* per 1,000 requests."""
    before = usage.cpu_seconds() if usage else 0.0
    told = looped(setup, name, *arguments, connections=connections)
    sample = rate(told)
    if usage is None:
        return sample
    milliseconds = (usage.cpu_seconds() - before) * 1000 / told["total"]
    return Sample(sample.value, {**sample.more, "CPU ms a message": milliseconds})


def looped(setup: Setup, name: str, *arguments: object, connections: int) -> Mapping[str, float]:
    """Run a load generator and return what it tells; raises BenchError if an answer was not positive."""
    times = ("--warm-up", setup.warm_up, "--seconds", setup.seconds)
    told: Mapping[str, float] = json.loads(output_of(script(name, *arguments, "--connections", connections, *times)))
    if told["failed"]:
        raise BenchError(f"{told['failed']:g} of {told['total']:g} requests were not answered positively")
    return told


def rate(told: Mapping[str, float]) -> Sample:
    """Return the requests per second that a load generator has *told*, and beside them the latencies."""
    more = {"p50 ms": told["p50"] * 1000, "p99 ms": told["p99"] * 1000, "p99 ÷ p50": told["p99"] / told["p50"]}
    return Sample(told["rate"], more)


def with_cpu_per_gigabyte(usage: Usage, paths: Sequence[Path], measure: Callable[[], Sample]) -> Sample:
    """Return what *measure* does, which sends *paths*, and the processor time it cost in *usage*."""
    before = usage.cpu_seconds()
    sample = measure()
    cost = (usage.cpu_seconds() - before) / (octets(paths) / GIGABYTE)
    return Sample(sample.value, {**sample.more, "CPU s a GB": cost})
