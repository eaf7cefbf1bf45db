"""The gateway, its store, its peers and its limits, each as a process of its own."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.bench.processes import BUILD, ROOT, Usage, listening, script, started
from tests.peers.orthanc import BINARY as ORTHANC
from tests.ports import free_port

MAX_PDU = 131072
MLLP_HTTP = "mllp-http==1.1.4"
MLLP = "kind: mllp, max_connections: 20000, max_connections_per_peer: 20000"
DIMSE = f"kind: dimse, max_pdu: {MAX_PDU}, max_connections: 200, max_connections_per_peer: 200"
HTTP = "kind: http, accepts: fhir, max_connections: 20000, max_connections_per_peer: 20000"
MODULE = "-m", "gateway"
WAITING = re.compile(r'^hilum_spool_messages\{.*state="waiting".*\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    usage: Usage
    port: int
    clean: Callable[[], None] = lambda: None
    """Removes what it was sent, so that the next round finds it as the first did."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running Hilum with one listener and one destination."""

    usage: Usage
    port: int
    admin_port: int

    def waiting(self) -> int:
        """Return how many messages in the spool are still to be delivered."""
        with urlopen(f"http://127.0.0.1:{self.admin_port}/metrics") as reply:
            return sum(int(float(count)) for count in WAITING.findall(reply.read().decode()))


@contextmanager
def sink(delay: float = 0.0) -> Iterator[Server]:
    """Run a store that discards and answers after *delay* seconds."""
    port = free_port()
    with started(script("sink", port, "--delay", delay), listening(port), log="sink") as usage:
        yield Server(usage, port)


def to_http(store: Server) -> str:
    """Return a destination (flow YAML): HL7 over HTTP to *store*."""
    return f'kind: http, url: "http://127.0.0.1:{store.port}/hl7"'


def to_ingest(store: Server) -> str:
    """Return a destination: ``messages:ingest`` of *store*."""
    return f'kind: hl7v2_store, url: "http://127.0.0.1:{store.port}/store"'


def to_stow(store: Server) -> str:
    """Return a destination: STOW-RS to *store*."""
    return f'kind: dicomweb, url: "http://127.0.0.1:{store.port}"'


def to_fhir(store: Server) -> str:
    """Return a destination: the base of a FHIR *store*."""
    return f'kind: fhir_store, url: "http://127.0.0.1:{store.port}"'


@contextmanager
def gateway(
    listener: str,
    destination: str,
    *,
    workers: int = 1,
    log_level: str = "warning",
    python: str = sys.executable,
    root: Path = ROOT,
    entry: Sequence[str] = MODULE,
    more: str = "",
) -> Iterator[Gateway]:
    """Run ``hilum serve`` with one *listener* and one *destination*, both in flow YAML.

    *root* is the checkout whose code runs; *entry* is what the interpreter runs; *more* is added to the configuration.
    """
    port, admin_port = free_port(), free_port()
    data = BUILD / f"data-{port}"
    path = BUILD / f"hilum-{port}.yaml"
    path.write_text(f"""
listeners: {{in: {{{listener}, port: {port}}}}}
destinations: {{out: {{{destination}}}}}
routes: [{{from: in, to: out}}]
admin: {{port: {admin_port}}}
data_dir: {data}
drain_seconds: 1
workers: {workers}
{more}
""")
    command = [python, *entry, "serve", "--log-level", log_level, str(path)]
    try:
        with started(command, _ready(admin_port), log=f"hilum-{port}", root=root) as usage:
            yield Gateway(usage, port, admin_port)
    finally:
        shutil.rmtree(data, ignore_errors=True)
        path.unlink()


def _ready(admin_port: int) -> Callable[[], bool]:
    def ready() -> bool:
        with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{admin_port}/readyz") as reply:
            return bool(reply.status == 200)
        return False

    return ready


@contextmanager
def scripted(name: str, *arguments: object) -> Iterator[Server]:
    """Run one of this folder's servers."""
    port = free_port()
    with started(script(name, port, *arguments), listening(port), log=name) as usage:
        yield Server(usage, port)


@contextmanager
def storescp() -> Iterator[Server]:
    """Run DCMTK's storescp as its users do: one process per association, files on the disk."""
    port, folder = free_port(), BUILD / "storescp"
    folder.mkdir(parents=True, exist_ok=True)

    def clean() -> None:
        for path in folder.iterdir():
            path.unlink()

    command = ["storescp", "--fork", "--max-pdu", str(MAX_PDU), "-od", str(folder), str(port)]
    with started(command, listening(port), log="storescp") as usage:
        yield Server(usage, port, clean)
    clean()


@contextmanager
def orthanc() -> Iterator[Server]:
    """Run Orthanc without plugins, storing on the disk as it does by default."""
    port, http_port, folder = free_port(), free_port(), BUILD / "orthanc"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "orthanc.json"
    settings = {
        "DicomPort": port,
        "HttpPort": http_port,
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "MaximumPduLength": MAX_PDU,
    }
    path.write_text(json.dumps(settings))
    root = f"http://127.0.0.1:{http_port}"

    def clean() -> None:
        with urlopen(f"{root}/patients") as reply:
            patients = json.load(reply)
        for patient in patients:
            urlopen(Request(f"{root}/patients/{patient}", method="DELETE")).close()

    try:
        with started([str(ORTHANC), str(path)], listening(http_port), log="orthanc") as usage:
            yield Server(usage, port, clean)
    finally:
        shutil.rmtree(folder)


@contextmanager
def mllp_http(store: Server) -> Iterator[Server]:
    """Run mllp-http in front of *store*; raises LookupError when it cannot be installed."""
    program, port = _install_mllp_http(), free_port()
    url = f"http://127.0.0.1:{store.port}/hl7"
    command = [str(program), "--host", "127.0.0.1", "--port", str(port), "--log-level", "error", url]
    with started(command, listening(port), log="mllp-http") as usage:
        yield Server(usage, port)


def _install_mllp_http() -> Path:
    folder = ROOT / "build" / "mllp-http"
    _install(folder, MLLP_HTTP)
    return folder / "bin" / "mllp2http"


def ordinary_python() -> str:
    """Return an interpreter with Hilum's dependencies and nothing else; raises LookupError when there can be none.

    Some of them import what they find, such as numpy, and the development tools bring it along.
    """
    folder = ROOT / "build" / "ordinary"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    constraints = ROOT / "build" / "constraints.txt"  # the lock without hashes, made by the Makefile
    _install(folder, "--constraint", str(constraints), *project["dependencies"])
    return str(folder / "bin" / "python")


def _install(folder: Path, *requirements: str) -> None:
    """Make a virtual environment in *folder*, once; raises LookupError."""
    done = folder / "installed"
    if done.exists() and done.read_text() == " ".join(requirements):
        return
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [*pip, *requirements]):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise LookupError("it cannot be installed")
    done.write_text(" ".join(requirements))
