"""A delivery that the test directs, a listener around it, and a client that sends octets as they are."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.http.listener import HttpListener, bind
from adapters.http.settings import HttpListenerSettings
from gateway.contract.body import WholeBody
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Response, Stored
from gateway.contract.sockets import reset_at_close
from tests.adapters.mllp.fakes import FakeMeter

PATIENT = b'{"resourceType":"Patient","gender":"female"}'
CREATED = Stored(response=Response(201, (("ETag", 'W/"1"'), ("Location", "https://s/Patient/1/_history/1")), b""))
SECONDS = 30


@dataclass
class FakeDelivery:
    """A destination whose outcome the test sets."""

    outcome: Outcome | Exception = CREATED
    messages: list[Message] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    is_finished: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Deliver at once."""
        self.may_go_on.set()

    @property
    def bodies(self) -> list[bytes]:
        """The bodies that were delivered."""
        return [each.body.data for each in self.messages if isinstance(each.body, WholeBody)]

    async def __call__(self, message: Message) -> Outcome:
        """Deliver *message*."""
        self.messages.append(message)
        self.began.set()
        await self.may_go_on.wait()
        self.is_finished.set()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@asynccontextmanager
async def listening(
    delivery: FakeDelivery,
    meter: FakeMeter,
    *,
    limits: SharedLimits | None = None,
    tls_acceptor: TlsAcceptor | None = None,
    **settings: Any,
) -> AsyncIterator[HttpListener]:
    """Run a listener on a free port."""
    parsed = HttpListenerSettings.model_validate({"kind": "http", "accepts": "fhir", "port": 0, **settings})
    listener = await bind("fhir", parsed, delivery, meter, limits=limits, tls_acceptor=tls_acceptor)
    try:
        yield listener
    finally:
        listener.stop_accepting()
        for task in tuple(listener.tasks):
            task.cancel()
        if listener.tasks:
            await asyncio.wait(listener.tasks, timeout=SECONDS)


@dataclass(frozen=True)
class Got:
    """A response."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes


class Raw:
    """A client that sends octets as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, octets: bytes) -> None:
        """Send *octets*."""
        self.writer.write(octets)

    async def response(self) -> Got:
        """Read one response."""
        async with asyncio.timeout(SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            return Got(
                int(first.split()[1]), headers, await self.reader.readexactly(int(headers.get("content-length", "0")))
            )

    def reset(self) -> None:
        """Leave at once, so that the listener learns it."""
        reset_at_close(self.writer.get_extra_info("socket"))
        self.writer.transport.abort()

    async def is_closed(self) -> bool:
        """Read on to the end; return whether nothing more came."""
        async with asyncio.timeout(SECONDS):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True


@asynccontextmanager
async def raw(port: int) -> AsyncIterator[Raw]:
    """Connect."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


def request(
    line: str = "POST /fhir/Patient", body: bytes | None = PATIENT, host: str = "Host: a\r\n", **fields: str
) -> bytes:
    """Return the octets of a request; the names of *fields* have ``_`` for ``-``, and an empty value leaves one out."""
    named = {"Content-Type": "application/fhir+json"} | {name.replace("_", "-"): each for name, each in fields.items()}
    if body is not None:
        named.setdefault("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"{line} HTTP/1.1\r\n{host}{head}\r\n".encode() + (body or b"")


async def ask(port: int, octets: bytes) -> Got:
    """Send one request on a connection of its own; return the response."""
    async with raw(port) as client:
        client.send(octets)
        return await client.response()
