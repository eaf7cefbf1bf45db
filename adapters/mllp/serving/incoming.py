"""What one peer has sent and is not answered yet: octets that are cut into blocks, and queued blocks."""

from adapters.hl7 import batch
from adapters.mllp.events import BegunAgain, Block, Broken, Event, Skipped
from adapters.mllp.framing import Framer
from adapters.mllp.serving.backlog import MOST_QUEUED, Backlog
from adapters.mllp.serving.report import Report
from adapters.mllp.serving.states import (
    END,
    ENDED,
    INPUT_MOVES,
    OPEN,
    STOP,
)
from adapters.mllp.serving.watch import Watch
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.limits import Account


class Incoming:
    """The receiving side of a connection. Instants are by the clock of the caller."""

    def __init__(
        self, settings: MllpListenerSettings, watch: Watch, report: Report, account: Account | None, now: float
    ) -> None:
        self._input = OPEN
        self.received_at = now
        """When something last came."""
        self.too_large: bytes | None = None
        """The beginning of a block that is too large; None while there was none."""
        self._framer = Framer(settings.max_block, settings.block_end)
        self._pending = Backlog()
        self._dropped = b""  # the beginning of the message that came before a 0B inside the block
        self._watch = watch
        self._report = report
        self._account = account

    def __len__(self) -> int:
        """Return how many blocks are queued."""
        return len(self._pending)

    @property
    def is_ended(self) -> bool:
        """Whether no more input is taken."""
        return self._input is not OPEN

    @property
    def is_at_end(self) -> bool:
        """Whether the peer has ended its stream."""
        return self._input is ENDED

    @property
    def inside_block(self) -> bool:
        """Whether a block has begun and not ended."""
        return self._framer.inside_block

    @property
    def has_begun(self) -> bool:
        """Whether a block has begun that was not taken yet."""
        return bool(self._pending or self._framer.inside_block or self._framer.held)

    @property
    def has_more(self) -> bool:
        """Whether there may be more blocks in what was received."""
        return self._framer.has_more

    @property
    def has_plenty(self) -> bool:
        """Whether so much is queued that reading should pause."""
        return self._pending.has_plenty

    @property
    def octets(self) -> int:
        """Octets held in memory, including the block being answered."""
        arriving = 0 if self.is_ended else self._framer.kept + self._framer.held
        return arriving + self._pending.octets

    def cut(self, data: bytes = b"") -> None:
        """Queue the blocks that *data* completes, behind what was received before; of many only the first."""
        for event in self._framer.receive_data(data, MOST_QUEUED):
            self._handle(event)
        if self._framer.inside_block:
            self._watch.block_went_on(self._framer.block_offset, self._framer.kept, self.received_at)

    def stop(self) -> None:
        """Take nothing more; blocks that wait may still be taken out."""
        self._input = INPUT_MOVES[self._input][STOP]

    def end(self) -> None:
        """Record the end of the stream."""
        if not self.is_ended:
            for event in self._framer.receive_eof():
                self._handle(event)
        self._input = INPUT_MOVES[self._input][END]

    def take(self) -> tuple[bytes, float, bytes]:
        """Return the first block, when its last octet came, and the beginning of what was dropped before it."""
        return self._pending.take()

    def answered(self) -> None:
        """Stop counting the block that was taken."""
        self._pending.answered()

    def drop(self) -> None:
        """Drop the queued blocks, and take no more input."""
        self._pending.drop()
        self.stop()
        self.tally()

    def tally(self) -> None:
        """Report the held octets to the account of the shared memory limit."""
        if self._account is not None:
            self._account.update(self.octets)

    def _handle(self, event: Event) -> None:
        match event:
            case Block(payload):
                self._pending.add(payload, self.received_at, self._dropped)
                self._dropped = b""
            case Skipped(count):
                self._report.skipped(count)
            case BegunAgain():
                self._report.begun_again(event)
                if batch.begins(event.beginning):
                    self._dropped = event.beginning
            case Broken():
                self._report.broken(event)
                self.too_large = event.beginning or None
                self.stop()
