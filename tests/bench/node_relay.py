"""The rival that is compiled: a relay of the same work for Node.js (``node/relay.mjs``), with the client undici."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.processes import ROOT, listening, started
from tests.bench.servers import Server
from tests.ports import free_port

NODE = "relay in Node.js (undici)"
SOURCE = Path(__file__).parent / "node"
FOLDER = ROOT / "build" / "bench-node"
LOCK = "package-lock.json"


@contextmanager
def node_relay(store: Server) -> Iterator[Server]:
    """Run the relay in front of *store*; raises LookupError where Node.js, npm or its packages are missing."""
    node, port = _program("node"), free_port()
    _install()
    command = [node, str(FOLDER / "relay.mjs"), str(port), str(store.port)]
    with started(command, listening(port), log="node-relay") as usage:
        yield Server(usage, port)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise LookupError(f"{name} is not installed; install Node.js 20 or newer, with npm")
    return found


def _install() -> None:
    """Install the packages in the versions of the lock file, once, and copy the relay beside them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCE / "relay.mjs", FOLDER)
    lock, installed = (SOURCE / LOCK).read_bytes(), FOLDER / ".installed"
    if installed.exists() and installed.read_bytes() == lock:
        return
    for name in ("package.json", LOCK):
        shutil.copy(SOURCE / name, FOLDER)
    command = [_program("npm"), "ci", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise LookupError("npm cannot install its packages")
    installed.write_bytes(lock)
