"""A block to its answers: every block is answered, or its connection closes, or it asked for no answer."""

import asyncio
from typing import Any, get_args

from adapters.hl7.er7 import SegmentEnd
from adapters.mllp.events import Block
from adapters.mllp.exchange import Exchange, Reply
from adapters.mllp.framing import Framer, frame
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.associations import Association
from gateway.contract.causes import Notice
from gateway.contract.message import Message
from gateway.contract.message_ids import id_source
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.fuzz.source import Source

OUTCOMES: tuple[Outcome, ...] = (
    Stored(),
    Stored(b"MSH|^~\\&|S\rMSA|AA|1\r"),
    Refused("no", b"MSH|^~\\&|S\rMSA|AE|1\r"),
    Refused("no", code="200"),
    Unavailable("later"),
)
SEGMENT_ENDS: tuple[SegmentEnd, ...] = get_args(SegmentEnd)


# One choice, as it was for batch_answers alone, so that older inputs mean what they meant.
BATCH_SETTINGS: list[dict[str, Any]] = [
    {"batch_answers": answers, "after_commit_nak": after, "batch_counts": counts, "max_messages": most}
    for most in (10_000, 2)
    for counts in ("refuse", "warn")
    for after in ("none", "application_ack")
    for answers in ("as_sent", "batch", "each")
]


class Meter:
    """Counts what was taken; the rest is of no interest."""

    def __init__(self) -> None:
        self.messages = 0

    def connected(self, address: str = "") -> None:
        """Take no notice."""

    def disconnected(self, address: str = "") -> None:
        """Take no notice."""

    def received(self, size: int) -> None:
        """Count a message."""
        assert size > 0
        self.messages += 1

    def answered(self, answer: str, seconds: float) -> None:
        """Take no notice."""

    def rejected(self, reason: Rejection, peer_ip: str = "", claim: str = "") -> None:
        """No fault of our own may be behind an answer."""
        raise AssertionError(reason)

    def skipped(self, count: int) -> None:
        """Take no notice."""

    def associated(self, association: Association) -> None:
        """Record nothing."""

    def noticed(self, notice: Notice) -> None:
        """Record nothing."""

    def recorded(self, row: tuple[object, ...], /) -> None:
        """Record nothing."""

    def paused(self, reason: Pause) -> None:
        """Take no notice."""


def target(data: bytes) -> None:
    """Hand the octets over as one block; the store's outcome is a choice for each message."""
    source = Source(data)
    settings = MllpListenerSettings(
        kind="mllp",
        port=0,
        segment_end=source.choice(SEGMENT_ENDS),
        mllp_release=source.choice((1, 2)),
        when_unavailable=source.choice(("answer", "close")),
        application_ack=source.choice(("same_connection", "never")),
        **source.choice(BATCH_SETTINGS),
    )
    chosen = [source.choice(OUTCOMES) for _ in range(4)]
    delivered: list[Message] = []

    async def deliver(message: Message) -> Outcome:
        delivered.append(message)
        outcome = chosen[len(delivered) % len(chosen)]
        if message.placed is not None and len(delivered) % 3:
            message.placed()
            await asyncio.sleep(0)
        return outcome

    meter = Meter()
    exchange = Exchange("in", settings, deliver, meter, id_source())
    dropped, _, payload = source.rest().rpartition(b"\x0b")
    with asyncio.Runner() as runner:
        reply = runner.run(exchange.handle(payload, ("127.0.0.1", 1), dropped))
    assert len(delivered) <= meter.messages <= len(reply.messages)
    assert dropped or meter.messages == len(reply.messages)
    _check(reply, settings)


def _check(reply: Reply, settings: MllpListenerSettings) -> None:
    for block in reply.blocks:
        assert [Block(block)] == Framer(1 << 20).receive_data(frame(block))
    closes = reply.hang_up or reply.rejection is not None
    wanted = [answer for settled in reply.messages for answer in settled.answers]
    assert bool(reply.blocks) or closes or not wanted
    if settings.mllp_release == 2:
        assert closes or len(reply.blocks) == 1
