"""Writes a package that brings kinds of its own: a listener, a destination and a step."""

from pathlib import Path

TOYS = '''
"""Toy kinds: lines of text in, lines of text out."""

import asyncio
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from gateway.contract.body import WholeBody
from gateway.contract.kind import DestinationKind, ListenerKind, StepKind
from gateway.contract.message import Message, Subject
from gateway.contract.outcome import Refused, Stored
from gateway.contract.settings import DestinationSettings, ListenerSettings, Settings


class LinesSettings(ListenerSettings):
    """Lines of text."""

    kind: Literal["lines"]
    """Each line is a message."""


class FolderSettings(DestinationSettings):
    """A folder."""

    kind: Literal["folder"]
    """Each message is a file."""
    url: str = ""
    """Not used."""
    folder: Path
    """Where the files are written."""


class UpperSettings(Settings):
    """Capital letters."""

    kind: Literal["upper"]
    """Each letter becomes a capital."""


class LinesListener:
    def __init__(self, name, deliver, server):
        self.name, self.deliver, self.server = name, deliver, server
        self.tasks = set()

    @property
    def port(self):
        return self.server.sockets[0].getsockname()[1]

    def stop_accepting(self):
        self.server.close()


async def bind(name, settings, deliver, meter, *, sockets, tls_acceptor, limits):
    async def serve(reader, writer):
        while line := await reader.readline():
            word = line.split()[0].decode()
            facts = {"protocol": "lines", "listener": name, "peer_ip": "127.0.0.1", "first_word": word}
            outcome = await deliver(Message(uuid.uuid4().hex, WholeBody(line.strip()), facts, {}))
            writer.write(type(outcome).__name__.encode() + b"\\n")
        writer.close()

    server = await asyncio.start_server(serve, settings.host, settings.port)
    return LinesListener(name, deliver, server)


class Folder:
    def __init__(self, name, settings, tools):
        self.name, self.folder, self.address = name, settings.folder, str(settings.folder)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def deliver(self, message):
        data = b"".join([bytes(chunk) async for chunk in message.body.chunks()])
        (self.folder / message.message_id).write_bytes(data)
        return Stored()

    async def probe(self):
        return None


@asynccontextmanager
async def upper(name, settings):
    async def step(message):
        data = b"".join([bytes(chunk) async for chunk in message.body.chunks()])
        return Refused("it is empty") if not data.strip() else replace(message, body=WholeBody(data.upper()))

    yield step


KINDS = (
    ListenerKind("lines", LinesSettings, "event", ("first_word",), bind, lambda message, beginning: Subject()),
    DestinationKind("folder", FolderSettings, frozenset({"event"}), Folder),
    StepKind("upper", UpperSettings, frozenset({"event"}), upper),
)
'''


def install(folder: Path, code: str = TOYS, module: str = "toys", points: str = "toys = toys:KINDS") -> None:
    """Write the package into *folder*, as an installer would; whoever has that on its path has the kinds."""
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[hilum.kinds]\n{points}\n")
