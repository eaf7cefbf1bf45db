"""File descriptors: the limit of the process, and the reserve for everything that is not a peer."""

import asyncio
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from gateway.config import loading as config
from gateway.limits.descriptors import FOR_FILES, FOR_NEIGHBOUR, Descriptors, needed, raise_limit, reserve, shortage
from gateway.process.notices import notices
from gateway.spool import Plan, SpoolSettings, open_spool
from gateway.spool.folders import WorkerIndex, existing_folders
from tests.faults.sink import Sink
from tests.gateway.spool.spools import commit
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import HilumProcess
from tests.running import relay

MLLP, DIMSE = "kind: mllp, port: 0, max_connections: 1000", "kind: dimse, port: 0, max_connections: 100"
TLS = "tls: {certificate_file: c.pem, key_file: k.pem, max_handshakes: 500}"
STORE, PACS = 'kind: http, url: "http://127.0.0.1:1/", connections: 64', 'kind: dicomweb, url: "http://127.0.0.1:1/"'
EVERYTHING_ELSE = 100 + 64 + FOR_FILES

NEEDED = {
    "HL7": (MLLP, STORE, 1100),
    "HL7 over TLS": (f"{MLLP}, {TLS}", STORE, 1100 + 500),
    "DICOM, whose sockets are opened twice": (DIMSE, PACS, 2 * (300 + 30)),
    "DICOM over TLS": (f"{DIMSE}, {TLS}", PACS, 2 * (300 + 30) + 500),
}


@pytest.mark.parametrize(("listener", "store", "peers"), NEEDED.values(), ids=NEEDED)
def test_needed(listener: str, store: str, peers: int) -> None:
    """Every connection that the configuration allows counts, and so does what is reserved."""
    parsed = config.parse(relay(listener, store))
    assert (EVERYTHING_ELSE, peers + EVERYTHING_ELSE) == (reserve(parsed), needed(parsed))


async def test_the_spools_of_other_workers(tmp_path: Path) -> None:
    """What is kept open of each spool that is read beside its owner is reserved, for two that read it."""
    parsed = config.parse(f"workers: 5\n{relay(MLLP, STORE)}")
    assert EVERYTHING_ELSE + 4 * FOR_NEIGHBOUR == reserve(parsed)
    async with open_spool(tmp_path, SpoolSettings(), WorkerIndex(2, 2)) as other:
        await commit(other)
    (neighbour,) = existing_folders(tmp_path)
    async with open_spool(tmp_path, SpoolSettings(), WorkerIndex(1, 2)) as spool:
        await commit(spool, plan=Plan(("store",), "patient|1"))
        assert await spool.claim("store", 1)
        links = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    assert 2 * sum(link.is_relative_to(neighbour) for link in links) == FOR_NEIGHBOUR


class System:
    """What a process may open."""

    def __init__(self, soft: int, hard: int) -> None:
        self.limits = soft, hard

    def get(self, _: int) -> tuple[int, int]:
        """Return both limits."""
        return self.limits

    def set(self, _: int, limits: tuple[int, int]) -> None:
        """Change them."""
        self.limits = limits


RAISED = {
    "as many as are wanted": ((1024, 4096), 2000, (2000, 4096)),
    "as many as may be": ((1024, 1500), 2000, (1500, 1500)),
    "enough already": ((4096, 8192), 2000, (4096, 8192)),
    "a hard limit without end": ((1024, resource.RLIM_INFINITY), 2000, (2000, resource.RLIM_INFINITY)),
    "no limit at all": ((resource.RLIM_INFINITY,) * 2, 2000, (resource.RLIM_INFINITY,) * 2),
}


@pytest.mark.parametrize(("before", "wanted", "after"), RAISED.values(), ids=RAISED)
def test_raise(before: tuple[int, int], wanted: int, after: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The soft limit is raised as far as it is needed and as the system lets us, and never lowered."""
    system = System(*before)
    monkeypatch.setattr(resource, "getrlimit", system.get)
    monkeypatch.setattr(resource, "setrlimit", system.set)
    assert after[0] == raise_limit(wanted)
    assert after == system.limits


@pytest.mark.parametrize(("hard", "is_short"), [(1327, True), (1328, False), (resource.RLIM_INFINITY, False)])
def test_shortage(hard: int, is_short: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`hilum check` and the start say where the system grants fewer than the configuration may need."""
    monkeypatch.setattr(resource, "getrlimit", System(1024, hard).get)
    parsed = config.parse(relay(MLLP, STORE))
    assert is_short == (shortage(parsed) is not None)
    assert is_short == any("1328 file descriptors and this process may have 1327" in each for each in notices(parsed))


def test_edge() -> None:
    """The reserve is left alone; that it is reached is logged once, and that there is room again."""
    few = Descriptors(20, lambda: 100)
    with capture_logs() as logs:
        assert [True, False, False, True, True] == [few.allows(number) for number in (79, 80, 99, 79, 71)]
        assert [False] == [few.allows(80)]
    assert ["descriptors_short", "descriptors_recovered", "descriptors_short"] == [each["event"] for each in logs]


def test_small_and_no_limits() -> None:
    """A small limit is shared in halves; without a limit there is nothing to reserve."""
    assert [True, False] == [Descriptors(1000, lambda: 100).allows(number) for number in (49, 50)]
    assert Descriptors(1000, lambda: resource.RLIM_INFINITY).allows(1_000_000)


@asynccontextmanager
async def confined(folder: Path, text: str, most: int) -> AsyncIterator[HilumProcess]:
    """Run ``hilum serve`` where a process may open *most* descriptors, of which half as many at first."""
    path = folder / "hilum.yaml"
    path.write_text(text)
    command = f"ulimit -Sn {most // 2} && ulimit -Hn {most} && exec {sys.executable} -m gateway serve {path}"
    process = await asyncio.create_subprocess_exec("/bin/sh", "-c", command, stderr=asyncio.subprocess.PIPE)
    running = HilumProcess(process)
    try:
        yield running
    finally:
        process.kill()
        await running.ended()


PROTOCOLS = {
    "HL7": (f"{MLLP}, max_connections_per_peer: 1000", 'kind: http, url: "{url}"'),
    "DICOM": (f"{DIMSE}, max_connections_per_peer: 1000", 'kind: dicomweb, url: "{url}"'),
}


@pytest.mark.slow
@pytest.mark.parametrize(("listener", "store"), PROTOCOLS.values(), ids=PROTOCOLS)
async def test_peers_leave_a_reserve(listener: str, store: str, tmp_path: Path) -> None:
    """When peers have taken all descriptors that they may have, the admin port answers on, and the log says it once."""
    async with confined(tmp_path, relay(listener, store.format(url="http://127.0.0.1:1/")), 300) as process:
        started = await process.logged("gateway_started")
        crowd = [await asyncio.open_connection("127.0.0.1", started["ports"]["in"]) for _ in range(400)]
        await process.logged("descriptors_short")
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            for page in ("livez", "metrics"):
                async with session.get(f"http://127.0.0.1:{started['admin_port']}/{page}") as response:
                    assert 200 == response.status
                    text = await response.text()
        assert 'reason="descriptor_limit"} 0.0' not in text
        assert 1 == sum(each["event"] == "descriptors_short" for each in process.events)
        for _, writer in crowd:
            writer.transport.abort()


@pytest.mark.slow
async def test_peers_inside_are_served(tmp_path: Path) -> None:
    """A peer that was in before has its messages stored all the same: the store's connections have descriptors left."""
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(Sink().up())
        text = relay(f"{MLLP}, max_connections_per_peer: 1000", f'kind: http, url: "{sink.url}", accept_empty: true')
        process = await stack.enter_async_context(confined(tmp_path, text, 300))
        port = (await process.logged("gateway_started"))["ports"]["in"]
        good = await stack.enter_async_context(mllp_client(port))
        crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(400)]
        await process.logged("descriptors_short")
        assert "AA" == code_of(await good.ask(adt("C1")))
        for _, writer in crowd:
            writer.transport.abort()
