"""Peers that do as they should: each sends a message until it has a positive answer, and only then the next."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.adapters.dimse.raw_peer import CT, RawPeer, command_of, store_rq
from tests.mllp_client import MllpClient, adt, code_of, control_id_of

LOST = (OSError, asyncio.IncompleteReadError)
POSITIVE = {"AA", "CA"}
ASSOCIATE_AC = b"\x02"  # PS3.8 9.3.3


def hl7(control_id: str, size: int = 0) -> bytes:
    """Return a message with a note of *size* octets."""
    return adt(control_id) + (b"NTE|1||" + b"n" * size + b"\r" if size else b"")


ENHANCED = hl7("C1").replace(b"|2.5.1\r", b"|2.5.1|||AL|NE\r")
"""A message whose sender asks for a commit acknowledgement only (HL7 2.9.2)."""


def ct(uid: str, octets: int = 128) -> bytes:
    """Return the data set of a CT instance (Explicit VR Little Endian) with so many octets of pixel data."""
    study, series = "1.2.3.4", "1.2.3.4.5"
    return b"".join(
        (
            _element(0x0008, 0x0016, b"UI", CT),
            _element(0x0008, 0x0018, b"UI", uid),
            _element(0x0020, 0x000D, b"UI", study),
            _element(0x0020, 0x000E, b"UI", series),
            struct.pack("<HH2sxxL", 0x7FE0, 0x0010, b"OB", octets),
            (uid.encode() * (octets // len(uid) + 1))[:octets],
        )
    )


def _element(group: int, element: int, vr: bytes, text: str) -> bytes:
    value = text.encode() + b"\0" * (len(text) % 2)
    return struct.pack("<HH2sH", group, element, vr, len(value)) + value


async def connect(port: int, address: str) -> MllpClient:
    """Connect from *address*, so that several peers can be told from one another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    return MllpClient(reader, writer)


@asynccontextmanager
async def association(port: int) -> AsyncIterator[RawPeer]:
    """Associate with the listener on *port*; reset the connection at the end."""
    peer = await RawPeer.connect(port)
    try:
        if not (await peer.associate()).startswith(ASSOCIATE_AC):
            raise ConnectionError
        yield peer
    finally:
        peer.vanish()


@dataclass(slots=True)
class Sender:
    """An HL7 system at an address of its own."""

    number: int
    port: int
    up: asyncio.Event
    """Whether it is worth trying to connect."""
    sent: list[bytes] = field(default_factory=list)
    """In this order; each was acknowledged but, perhaps, the last."""
    tries: int = 0
    _client: MllpClient | None = None

    async def send_until(self, enough: Callable[[int], bool]) -> None:
        """Send messages, some of them large, until *enough* says so of the number acknowledged."""
        while not enough(len(self.sent)):
            number = len(self.sent)
            self.sent.append(hl7(f"{self.number}-{number:06}", 6000 if number % 5 == 4 else 0))
            await self._send(self.sent[-1])

    async def _send(self, payload: bytes) -> None:
        answer = b""
        while not answer or code_of(answer) not in POSITIVE:
            await self.up.wait()
            self.tries += 1
            try:
                self._client = self._client or await connect(self.port, f"127.0.1.{self.number + 1}")
                answer = await self._client.ask(payload)
            except LOST:
                self.close()
        assert payload.split(b"|")[9] == control_id_of(answer).encode()

    def close(self) -> None:
        """Let the connection go."""
        if self._client is not None:
            self._client.writer.close()
            self._client = None


@dataclass(slots=True)
class Modality:
    """A DICOM system: one association after another, up to ten instances in each."""

    number: int
    port: int
    up: asyncio.Event
    sent: dict[str, bytes] = field(default_factory=dict)
    """SOP Instance UID to data set."""
    tries: int = 0
    _peer: RawPeer | None = None

    async def send_until(self, enough: Callable[[int], bool]) -> None:
        """Send instances, some of them large, until *enough* says so of the number acknowledged."""
        while not enough(len(self.sent)):
            number = len(self.sent)
            uid = f"1.2.3.{self.number + 1}.{number + 1}"
            self.sent[uid] = ct(uid, 20000 if number % 3 == 2 else 128)
            await self._send(uid)
            if number % 10 == 9:
                self.close()

    async def _send(self, uid: str) -> None:
        status = -1
        while status != 0:
            await self.up.wait()
            self.tries += 1
            try:
                peer = self._peer = self._peer or await self._associate()
                await peer.send(store_rq(self.sent[uid], uid=uid))
                if not (response := await peer.receive()):
                    raise ConnectionError
                status = int(command_of(response).Status)
            except LOST:
                self.close()

    async def _associate(self) -> RawPeer:
        peer = await RawPeer.connect(self.port)
        if not (await peer.associate()).startswith(ASSOCIATE_AC):
            peer.vanish()
            raise ConnectionError
        return peer

    def close(self) -> None:
        """Let the association go."""
        if self._peer is not None:
            self._peer.vanish()
            self._peer = None
