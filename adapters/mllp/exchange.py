"""Handles one block: cuts it into messages, has each delivered and composes the blocks of the answer."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from adapters.hl7 import batch, intake
from adapters.hl7.answers import Answer, Answering, answers, asks_for_answer, one_answer
from adapters.hl7.er7 import MOST_OCTETS, Header
from adapters.hl7.facts import Facts
from adapters.hl7.ordinary import ordinary_header
from adapters.mllp.ordered_tasks import OrderedTasks
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.body import WholeBody
from gateway.contract.destination import Deliver
from gateway.contract.message import Message
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.records import record

COMMIT_ACK, COMMIT_NAK = b"\x06", b"\x15"  # MLLP release 2: affirmative and negative commit acknowledgement
INTERNAL_ERROR = Unavailable("internal error")
TURN = 4
"""Messages after which other tasks get their turn: messages that wait for nothing would give them none."""
MOST_TOGETHER = 512
"""Messages of one block that may be under way at once: as many can be committed by one transaction."""
_LONGEST_CONTROL_ID = 199  # MSH-10 since 2.8; a longer value is no control ID and stays out of the logs.

log = structlog.get_logger()


@record
class Settled:
    """One message that has its outcome."""

    message_id: str
    identifiers: Mapping[str, str]
    outcome: Outcome | None
    """None for an acknowledgement that asks for no answer: it is taken and not delivered."""
    answers: list[Answer]
    """What goes back for it: none, one, or the commit and the application acknowledgement."""
    octets: int = 0
    """Octets of the message as received."""
    facts: Mapping[str, str] | None = None
    """What the journal reads of the message; None if its header is not known."""


@record
class Reply:
    """The result of handling a block."""

    messages: Sequence[Settled]
    blocks: Sequence[bytes] = ()
    """The payloads to send back, in order."""
    rejection: Rejection | None = None
    """Why the block is not taken at all: the connection closes."""
    hang_up: bool = False
    """Whether the connection closes in place of an answer, so that the peer sends the block again."""

    def has_stored(self) -> bool:
        """Return whether at least one of the messages is stored."""
        for each in self.messages:  # noqa: SIM110  any() takes three times as long for one message
            if isinstance(each.outcome, Stored):
                return True
        return False


def local_now() -> datetime:
    """Return the time in the zone of this machine."""
    return datetime.now(UTC).astimezone()


class Exchange:
    """What a listener does with blocks. Every message is delivered on its own, those of one block in order."""

    def __init__(
        self,
        listener: str,
        settings: MllpListenerSettings,
        deliver: Deliver,
        meter: ListenerMeter,
        new_id: Callable[[], str],
        acknowledgements: Acknowledgements | None = None,
    ) -> None:
        self._listener = listener
        self._settings = settings
        self._deliver = deliver
        self._meter = meter
        self._acknowledgements = acknowledgements
        self._in_a_row = 0
        self._takes_ordinary = settings.mllp_release == 1
        self._closes = settings.when_unavailable == "close"
        self._answering = Answering(
            local_now, new_id, settings.answers, settings.application_ack, settings.after_commit_nak
        )

    def handle(self, payload: bytes, peer: tuple[str, int], dropped: bytes = b"") -> Coroutine[Any, Any, Reply]:
        """Have the messages in *payload*, which *peer* (address and port) sent, delivered; return what goes back.

        *dropped* is the beginning of what came of the block before a 0B in it. If a message begins there and none
        begins behind the 0B, the 0B was a vertical tab in a text, and the message is refused.
        """
        if self._takes_ordinary and not dropped:
            header = ordinary_header(payload, self._settings.charset)
            if header is not None:
                return self._handle_ordinary(header, payload, peer)
        return self.handle_any(payload, peer, dropped)

    async def _handle_ordinary(self, header: Header, data: bytes, peer: tuple[str, int]) -> Reply:
        """Do what :meth:`handle_any` does with an ordinary message, in the fewest calls."""
        self._meter.received(len(data))
        message = self._message(header, data, peer)
        try:
            outcome = await self._deliver(message)
        except Exception as error:  # noqa: BLE001  as in _outcome
            outcome = self._failed(message, error)
        answer = one_answer(header, outcome, self._answering)
        settled = [Settled(message.message_id, message.identifiers, outcome, [answer], len(data), message.facts)]
        if self._closes and isinstance(outcome, Unavailable):
            return Reply(settled, hang_up=True)
        return Reply(settled, [answer.block])

    async def handle_any(self, payload: bytes, peer: tuple[str, int], dropped: bytes = b"") -> Reply:
        """Do what :meth:`handle` promises for any block: a batch, a message in enhanced mode, one that is refused."""
        if batch.begins(dropped) and not batch.begins(payload):
            reply = self.turn_away(dropped, intake.START_INSIDE)
            return reply if reply.messages else Reply((), rejection=Rejection.NO_HEADER)
        segment_end = self._settings.segment_end
        content = batch.cut(payload, segment_end, self._settings.max_messages)
        trouble = content.refusal or self._miscount(content, peer)
        if len(content.messages) > 1 and self._settings.when_unavailable == "answer":
            settled = await self._settle_together(content.messages, peer, trouble)
        else:
            settled = await self._settle_in_turn(content.messages, peer, trouble)
            if self._hangs_up(settled):
                return Reply(settled, hang_up=True)
        if not settled and not content.batch:
            return Reply(settled, rejection=Rejection.NO_HEADER)
        return Reply(settled, self._blocks(content, settled, refused=trouble is not None))

    async def _settle_in_turn(
        self, messages: Sequence[bytes], peer: tuple[str, int], refusal: Refused | None
    ) -> list[Settled]:
        settled: list[Settled] = []
        for data in messages:
            await self._give_way()
            if (header := self._header(data)) is not None:
                settled.append(await self._settle(header, data, peer, refusal))
            if self._hangs_up(settled):
                break
        return settled

    async def _settle_together(
        self, messages: Sequence[bytes], peer: tuple[str, int], refusal: Refused | None
    ) -> list[Settled]:
        """Settle *messages* in order. In commit mode the spool commits them in groups; outcomes follow the commit."""
        async with OrderedTasks[Settled](MOST_TOGETHER) as ordered_tasks:
            for data in messages:
                await self._give_way()
                if (header := self._header(data)) is not None:
                    await ordered_tasks.begin(partial(self._settle, header, data, peer, refusal))
        return ordered_tasks.ended

    def _header(self, data: bytes) -> Header | None:
        return Header.parse(data, self._settings.charset, segment_end=self._settings.segment_end)

    def _hangs_up(self, settled: list[Settled]) -> bool:
        return self._closes and bool(settled) and isinstance(settled[-1].outcome, Unavailable)

    def turn_away(self, beginning: bytes, refusal: Refused = intake.TOO_LARGE) -> Reply:
        """Return the answer to a block that cannot be taken, and of which only the *beginning* was kept."""
        content = batch.cut(beginning, self._settings.segment_end)
        header = _whole_fields(content.messages[0], self._settings) if content.messages else None
        if header is None:
            return Reply(())
        codes = self._answers(header, refusal)
        settled = [
            Settled(
                self._answering.new_id(),
                _identifiers(header),
                refusal,
                codes,
                len(beginning),
                self._facts(header, ""),
            )
        ]
        return Reply(settled, self._blocks(content, settled, refused=True))

    def _miscount(self, content: batch.Cut, peer: tuple[str, int]) -> Refused | None:
        """Return the refusal of a batch whose counts contradict its trailers; None where that is only logged."""
        if not content.miscounted:
            return None
        if self._settings.batch_counts == "refuse":
            return batch.MISCOUNTED
        log.warning("batch_miscounted", listener=self._listener, peer=f"{peer[0]}:{peer[1]}")
        return None

    async def _settle(
        self,
        header: Header,
        data: bytes,
        peer: tuple[str, int],
        refusal: Refused | None,
        placed: Callable[[], None] | None = None,
    ) -> Settled:
        refusal = refusal or intake.refusal(header, data, self._settings.segment_end)
        self._meter.received(len(data))
        message_id = self._answering.new_id()
        identifiers = _identifiers(header)
        if intake.is_acknowledgement(header) and not asks_for_answer(header):
            if self._acknowledgements is not None:
                self._acknowledgements.tell(data, peer[0])
            facts = self._facts(header, peer[0])
            return Settled(message_id, identifiers, None, [], len(data), facts)  # release 2 answers it like any other
        message = self._message(header, data, peer, message_id, placed)
        outcome = refusal or await self._outcome(message)
        return Settled(message_id, identifiers, outcome, self._answers(header, outcome), len(data), message.facts)

    def _message(
        self,
        header: Header,
        data: bytes,
        peer: tuple[str, int],
        message_id: str = "",
        placed: Callable[[], None] | None = None,
    ) -> Message:
        ip, port = peer
        return Message(
            message_id or self._answering.new_id(),
            WholeBody(data),
            Facts({"protocol": "mllp", "listener": self._listener, "peer_ip": ip}, header),
            _identifiers(header),
            self._settings.charset,
            f"{ip}:{port}",
            placed,
        )

    def _facts(self, header: Header, peer_ip: str) -> Facts:
        return Facts({"protocol": "mllp", "listener": self._listener, "peer_ip": peer_ip}, header)

    async def _give_way(self) -> None:
        self._in_a_row += 1
        if self._in_a_row >= TURN:
            self._in_a_row = 0
            await asyncio.sleep(0)

    def _answers(self, header: Header, outcome: Outcome) -> list[Answer]:
        if self._settings.mllp_release == 1:
            return answers(header, outcome, self._answering)
        octet = COMMIT_ACK if isinstance(outcome, Stored) else COMMIT_NAK
        return [Answer(octet.hex(), octet)]

    def _blocks(self, content: batch.Cut, settled: list[Settled], *, refused: bool) -> list[bytes]:
        """Return the blocks to send: one for each answer, or one batch of all. An empty batch gets an empty batch."""
        if self._settings.mllp_release == 2:
            octets = [answer.block for each in settled for answer in each.answers]
            return [COMMIT_NAK if refused or COMMIT_NAK in octets else COMMIT_ACK]
        blocks = [answer.block for each in settled for answer in each.answers]
        if not settled or (blocks and self._answers_as_batch(content)):
            return [batch.wrap(content, blocks, control_id=self._answering.new_id(), now=self._answering.now())]
        return blocks

    def _answers_as_batch(self, content: batch.Cut) -> bool:
        wanted = self._settings.batch_answers
        return content.has_batch_header if wanted == "as_sent" else content.batch and wanted == "batch"

    async def _outcome(self, message: Message) -> Outcome:
        """Deliver *message*. An internal error becomes an outcome too, since the peer must get an answer."""
        try:
            return await self._deliver(message)
        except Exception as error:  # noqa: BLE001  no error in one delivery may end the connection
            return self._failed(message, error)

    def _failed(self, message: Message, error: Exception) -> Outcome:
        self._meter.rejected(Rejection.INTERNAL_ERROR)
        log.error(
            "delivery_failed",
            listener=message.facts["listener"],
            message_id=message.message_id,
            error=type(error).__name__,
            **message.identifiers,
        )
        return INTERNAL_ERROR


def _identifiers(header: Header) -> Mapping[str, str]:
    fields = header.fields
    field = fields[9] if len(fields) > 9 else b""  # MSH-10
    if field.isalnum() and len(field) <= _LONGEST_CONTROL_ID:  # the usual case: nothing to be decoded
        return {"control_id": field.decode()}
    control_id = header.text(10) if len(field) <= MOST_OCTETS else ""
    return {"control_id": control_id} if 0 < len(control_id) <= _LONGEST_CONTROL_ID else {}


def _whole_fields(beginning: bytes, settings: MllpListenerSettings) -> Header | None:
    """Read the header of a message of which only the *beginning* has come, without a field that is cut short."""
    header = Header.parse(beginning, settings.charset, segment_end=settings.segment_end)
    if header is not None and header.end == len(beginning) and header.usable:
        whole = beginning[: beginning.rindex(header.delimiters.field)]
        return Header.parse(whole, settings.charset, segment_end=settings.segment_end)
    return header
