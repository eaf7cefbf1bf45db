"""Programs of others, run to their ends or as long as a test lasts, and where they are found."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = ROOT / "tests" / "peers" / "node"
NODE_MODULES = ROOT / "build" / "node-peers" / "node_modules"
JARS = [Path(f"/usr/share/java/{name}.jar") for name in ("pixelmed", "slf4j-api", "commons-codec", "commons-net")]
PIXELMED = ("java", "-cp", ":".join(map(str, JARS)))

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not NODE_MODULES.exists(),
    reason="Node.js or its packages are not installed: make node-peers",
)
needs_gdcm = pytest.mark.skipif(shutil.which("gdcmscu") is None, reason="GDCM's tools are not installed: make peers")
needs_ctn = pytest.mark.skipif(shutil.which("simple_storage") is None, reason="CTN is not installed: make peers")
needs_pixelmed = pytest.mark.skipif(
    shutil.which("java") is None or not all(jar.exists() for jar in JARS),
    reason="Java or PixelMed is not installed: make peers",
)

Command = tuple[str | int | Path, ...]


def node(script: str, *arguments: str | int | Path) -> Command:
    """Return the command that runs *script* of the folder ``node``."""
    return ("node", SCRIPTS / script, *arguments)


async def run(*command: str | int | Path, stdin: str = "") -> tuple[int | None, str]:
    """Run *command* to its end; return its exit status and what it has said."""
    with TemporaryFile() as given:  # uvloop raises for a pipe to a program that ends before it has read all
        given.write(stdin.encode())
        given.seek(0)
        process = await _start(command, Path.cwd(), stdin=given.fileno())
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    return process.returncode, said.decode(errors="replace")


@asynccontextmanager
async def running(
    *command: str | int | Path, folder: Path, end: signal.Signals = signal.SIGKILL
) -> AsyncIterator[list[str]]:
    """Run *command* in *folder*; yield the lines that it says, which grow; end it by the signal *end*."""
    lines: list[str] = []
    process = await _start(command, folder, stdin=asyncio.subprocess.DEVNULL)
    assert process.stdout is not None
    reading = asyncio.create_task(_keep(process.stdout, lines))
    try:
        yield lines
    finally:
        if process.returncode is None:
            process.send_signal(end)
        await process.wait()
        await reading


async def until_listening(port: int) -> None:
    """Wait until a program listens on *port*, without connecting to it: some do not survive that."""
    wanted = f":{port:04X}"
    async with asyncio.timeout(60):
        while not any(line.split()[1].endswith(wanted) and line.split()[3] == "0A" for line in _tcp_sockets()):
            await asyncio.sleep(0.05)


def _tcp_sockets() -> list[str]:
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    return [line for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]


async def _start(command: Command, folder: Path, stdin: int) -> asyncio.subprocess.Process:
    environment: Mapping[str, str] = os.environ | {"NODE_PATH": str(NODE_MODULES)}
    return await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _keep(stream: asyncio.StreamReader, lines: list[str]) -> None:
    while line := await stream.readline():
        lines.append(line.decode(errors="replace").strip())
