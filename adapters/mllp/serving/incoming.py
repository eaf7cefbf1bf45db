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
        self.is_ended = False
        """Whether no more input is taken."""
        self.received_at = now
        """When something last came."""
        self.too_large: bytes | None = None
        """The beginning of a block that is too large; None while there was none."""
        self.framer = Framer(settings.max_block, settings.block_end)
        """Cuts the octets into blocks."""
        self.pending = Backlog()
        """The queued blocks, and the one being answered."""
        self._dropped = b""  # the beginning of the message that came before a 0B inside the block
        self._watch = watch
        self._report = report
        self._account = account

    def __len__(self) -> int:
        """Return how many blocks are queued."""
        return self.pending.count

    @property
    def is_at_end(self) -> bool:
        """Whether the peer has ended its stream."""
        return self._input is ENDED

    @property
    def inside_block(self) -> bool:
        """Whether a block has begun and not ended."""
        return self.framer.inside_block

    @property
    def has_begun(self) -> bool:
        """Whether a block has begun that was not taken yet."""
        return bool(self.pending or self.framer.inside_block or self.framer.held)

    @property
    def octets(self) -> int:
        """Octets held in memory, including the block being answered."""
        framer = self.framer
        if self.is_ended or not (framer.inside_block or framer.has_held):
            return self.pending.octets
        return framer.kept + framer.held + self.pending.octets

    def cut(self, data: bytes = b"") -> None:
        """Queue the blocks that *data* completes, behind what was received before; of many only the first."""
        framer = self.framer
        for event in framer.receive_data(data, MOST_QUEUED):
            if type(event) is Block:
                self.pending.add(event.payload, self.received_at, self._dropped)
                self._dropped = b""
            else:
                self._handle(event)
        if framer.inside_block:
            self._watch.block_went_on(framer.block_offset, framer.kept, self.received_at)

    def stop(self) -> None:
        """Take nothing more; blocks that wait may still be taken out."""
        self._input = INPUT_MOVES[self._input][STOP]
        self.is_ended = True

    def end(self) -> None:
        """Record the end of the stream."""
        if not self.is_ended:
            for event in self.framer.receive_eof():
                self._handle(event)
        self._input = INPUT_MOVES[self._input][END]
        self.is_ended = True

    def take(self) -> tuple[bytes, float, bytes]:
        """Return the first block, when its last octet came, and the beginning of what was dropped before it."""
        return self.pending.take()

    def answered(self) -> None:
        """Stop counting the block that was taken."""
        self.pending.answered()

    def drop(self) -> None:
        """Drop the queued blocks, and take no more input."""
        self.pending.drop()
        self.stop()
        self.tally()

    def tally(self) -> None:
        """Report the held octets to the account of the shared memory limit."""
        if self._account is not None:
            framer = self.framer
            is_arriving = framer.inside_block or framer.has_held
            self._account.update(self.octets if is_arriving else self.pending.octets)

    def _handle(self, event: Event) -> None:
        match event:
            case Block(payload):
                self.pending.add(payload, self.received_at, self._dropped)
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
