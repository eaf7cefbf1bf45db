"""An HL7 system: sends one message after the other's positive answer, and again what was not acknowledged."""

import asyncio
import random
from dataclasses import dataclass, field

from tests.campaign.history import History, Send, digest
from tests.campaign.pace import Pace
from tests.campaign.plan import POISON
from tests.mllp_client import MllpClient, code_of, control_id_of

LOST = (OSError, asyncio.IncompleteReadError)
POSITIVE = {"AA", "CA"}
PATIENTS = 5
ANSWER_SECONDS = 90.0
"""An engine's patience with one answer; then it connects anew."""
VANISHES, RECONNECTS, IS_POISON = 0.02, 0.08, 0.03
"""How often a sender leaves before its answer; how often it connects anew; how often a message is one of those that the
store refuses to take for a long time."""


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """What is sent, the same octets however often."""

    number: int
    name: str
    key: str
    payload: bytes


@dataclass(slots=True)
class Hl7Sender:
    """One system, at an address of its own, with patients of its own."""

    name: str
    entrance: str
    target: tuple[str, int]
    address: str
    history: History
    chance: random.Random
    pace: Pace
    by_patient: bool = False
    """Whether messages about different patients may overtake each other."""
    poisonous: bool = False
    _client: MllpClient | None = field(default=None, repr=False)

    async def run(self) -> None:
        """Send until told to stop; then finish the last message."""
        number = 0
        try:
            while not self.pace.stop.is_set():
                seconds = await self._deliver(self._next(number))
                number += 1
                if self.chance.random() < RECONNECTS:
                    self.close()
                await self.pace.pause(seconds)
        finally:
            self.close()

    def close(self) -> None:
        """Let the connection go."""
        if self._client is not None:
            self._client.writer.close()
            self._client = None

    def _next(self, number: int) -> Hl7Message:
        is_poison = self.poisonous and self.chance.random() < IS_POISON
        patient = f"{self.name}-{'BAD' if is_poison else self.chance.randrange(PATIENTS)}"
        name = f"{self.name}-{number:06}" + (f"-{POISON}" if is_poison else "")
        octets = self.chance.choices((0, 6000, 100_000), (85, 13, 2))[0]
        key = patient if self.by_patient else self.name
        return Hl7Message(number, name, key, hl7(self.name, name, patient, octets))

    async def _deliver(self, message: Hl7Message) -> float:
        """Return how long the positive answer took once it came."""
        attempt = 0
        while True:
            client = await self._connected()
            send = self.history.sent(
                self.name, message.number, self.entrance, message.key, message.name, digest(message.payload)
            )
            answer = await self._try(client, message)
            self.history.answered(send, answer, positive=answer in POSITIVE)
            if send.positive:
                return _seconds(send)
            await self.pace.try_again(attempt := attempt + 1)

    async def _try(self, client: MllpClient, message: Hl7Message) -> str:
        try:
            if self.chance.random() < VANISHES:
                return await self._vanish(client, message)
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await client.ask(message.payload)
        except LOST as error:  # TimeoutError is an OSError
            self.close()
            return type(error).__name__
        if control_id_of(answer) != message.name:
            self.history.trouble("foreign answer", f"{message.name} got an answer to {control_id_of(answer)}")
        return code_of(answer)

    async def _vanish(self, client: MllpClient, message: Hl7Message) -> str:
        """Leave with the message sent, whole or in part, and its answer not awaited."""
        block = b"\x0b" + message.payload + b"\x1c\r"
        client.writer.write(block[: self.chance.choice((len(block), len(block), len(block) // 2))])
        await client.writer.drain()
        await asyncio.sleep(self.chance.uniform(0, 0.05))
        self.close()
        return "left"

    async def _connected(self) -> MllpClient:
        attempt = 0
        while self._client is None:
            try:
                connection = await asyncio.open_connection(*self.target, local_addr=(self.address, 0))
                self._client = MllpClient(*connection)
            except OSError:
                await self.pace.try_again(attempt := attempt + 1)
        return self._client


def _seconds(send: Send) -> float:
    return (send.answered_at or send.at) - send.at


def hl7(sender: str, control_id: str, patient: str, octets: int) -> bytes:
    """Return an ADT^A08 with a note of *octets*."""
    segments = [
        rf"MSH|^~\&|{sender}|WARD|HILUM|CLOUD|20260102030405||ADT^A08^ADT_A01|{control_id}|P|2.5.1",
        "EVN||20260102030405",
        f"PID|1||{patient}^^^TEST^MR||TEST^NOBODY",
        "PV1|1|I",
        *([f"NTE|1||{'n' * octets}"] if octets else []),
    ]
    return "".join(f"{segment}\r" for segment in segments).encode()
