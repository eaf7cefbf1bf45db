"""A modality: one association after another, each with a few instances; again what was not acknowledged."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.adapters.dimse.raw_peer import RELEASE_RQ, RawPeer, associate_rq, command_of, store_rq
from tests.campaign.history import History, digest
from tests.campaign.instances import Content, Instances
from tests.campaign.pace import Pace

ANSWER_SECONDS = 90.0
VANISHES = 0.02
ASSOCIATE_AC, P_DATA_TF = b"\x02", b"\x04"  # PS3.8 9.3.3, 9.3.5
LOST = (OSError, asyncio.IncompleteReadError)


@dataclass(slots=True)
class Modality:
    """One system, at an address of its own, with instances of its own."""

    name: str
    targets: Mapping[str, tuple[str, int]]
    """Called AE title to host and port."""
    address: str
    history: History
    chance: random.Random
    pace: Pace
    instances: Instances
    _peer: RawPeer | None = field(default=None, repr=False)
    _called: str = ""
    _left: int = 0
    """Instances until the association ends."""

    async def run(self) -> None:
        """Send until told to stop; then finish the last instance."""
        number = 0
        try:
            while not self.pace.stop.is_set():
                if self._left == 0:
                    await self._release()
                    self._called, self._left = self.chance.choice(tuple(self.targets)), self.chance.randrange(1, 9)
                seconds = await self._deliver(number, self.instances.next())
                number, self._left = number + 1, self._left - 1
                await self.pace.pause(seconds)
            await self._release()
        finally:
            self._vanish()

    async def _deliver(self, number: int, content: Content) -> float:
        """Return how long the positive answer took once it came."""
        data_set, attempt = content.data_set(), 0
        while True:
            peer = await self._associated()
            send = self.history.sent(self.name, number, self._called, content.uid, content.uid, digest(data_set))
            answer = await self._try(peer, content.uid, data_set)
            self.history.answered(send, answer, positive=answer == "0000")
            if send.positive:
                return (send.answered_at or send.at) - send.at
            await self.pace.try_again(attempt := attempt + 1)

    async def _try(self, peer: RawPeer, uid: str, data_set: bytes) -> str:
        request = store_rq(data_set, uid=uid)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self.chance.random() < VANISHES:
                    await peer.send(request[: self.chance.choice((len(request), len(request) // 2))])
                    self._vanish()
                    return "left"
                await peer.send(request)
                response = await receive(peer)
        except LOST as error:  # TimeoutError is an OSError
            self._vanish()
            return type(error).__name__
        if not response.startswith(P_DATA_TF):
            self._vanish()
            return f"PDU type {response[0]}"
        if (command := command_of(response)).AffectedSOPInstanceUID != uid:
            self.history.trouble("foreign answer", f"{uid} got an answer to {command.AffectedSOPInstanceUID}")
        return f"{int(command.Status):04X}"

    async def _associated(self) -> RawPeer:
        attempt = 0
        while self._peer is None:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._peer = await self._associate()
            except LOST:
                await self.pace.try_again(attempt := attempt + 1)
        return self._peer

    async def _associate(self) -> RawPeer | None:
        connection = await asyncio.open_connection(*self.targets[self._called], local_addr=(self.address, 0))
        peer = RawPeer(*connection)
        try:
            await peer.send(associate_rq(called=self._called, calling=self.name))
            if not (await receive(peer)).startswith(ASSOCIATE_AC):
                raise ConnectionError
        except BaseException:
            peer.vanish()
            raise
        return peer

    async def _release(self) -> None:
        if self._peer is not None:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._peer.send(RELEASE_RQ)
                    await receive(self._peer)
            except LOST:
                pass
            self._vanish()

    def _vanish(self) -> None:
        if self._peer is not None:
            self._peer.vanish()
            self._peer = None


async def receive(peer: RawPeer) -> bytes:
    """Return the next PDU (PS3.8 9.3.1); raises IncompleteReadError at the end of the connection."""
    header = await peer.reader.readexactly(6)
    return header + await peer.reader.readexactly(int.from_bytes(header[2:], "big"))
