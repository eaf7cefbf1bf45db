"""Cuts a byte stream into MLLP release 1 blocks: ``0B`` payload ``1C 0D``.

Neither ``0B`` nor ``1C`` is ever content of an HL7v2 message. A ``0B`` inside a block means one of two things: the
sender began the block again, and what it had sent of the block is dropped; or the sender sent a text with a vertical
tab, which is the same octet. Only what follows shows which, so the event carries the beginning of what was dropped.

A ``1C`` without its ``0D`` ends the block if the next block begins behind it, with nothing but stray octets between.
Anything else behind a ``1C`` leaves open where the message ends, so the stream is not read any further: no message is
ever made of a guess.

Between blocks no octet is content. Blanks, line ends, byte-order marks, ends without a start and blocks that hold
nothing else are stray octets: skipped, counted, and bounded. Some peers send a whole block that holds nothing else, for
days, to keep the connection: after each such block the bounds count from 0 again.

A payload is searched at the speed of ``memchr`` and copied once: straight from the chunk when one read brought the
block whole, else chunk by chunk into a buffer that becomes the payload. Nothing depends on how TCP cut the stream, so
there is no decision by time either: a ``1C`` that is the last octet so far waits for the next one.
"""

import re
import sys
from io import BytesIO
from typing import Literal

from adapters.mllp.events import BegunAgain, Block, Broken, Event, Fault, OctetClass, Skipped, class_of

BlockEnd = Literal["1c0d", "1c"]

START = b"\x0b"
END = b"\x1c\x0d"
MOST_STRAY = 65_536
"""Most stray octets that are skipped before one block, also an empty one: some peers keep the connection by them."""
MOST_STARTS = 16
"""How often a sender may begin a block again before one is whole."""
LONGEST_END = 64
"""Most octets of a block end that is not ``1C 0D``, up to the start of the next block."""
BEGINNING = 4096
"""Octets kept of a block that is too large or was begun again: enough of its ``MSH`` to answer it."""
LONGEST_LOOK = 8
"""Octets that are looked at where a block should begin and something else is."""

# EF BB BF is the byte-order mark. Each of its octets is matched alone, so that nothing depends on where TCP cut it.
_STRAY = re.compile(rb"[\r\n\0\t \x1c\xef\xbb\xbf]*")
_LONG_END = re.compile(rb"\x1c+(?:(\r)|[\n\0\t \xef\xbb\xbf][\r\n\0\t \xef\xbb\xbf]*)?")
_START = START[0]
_END_FIRST, _END_LAST = END
ORDINARY = START + b"MSH"
_TLS_HANDSHAKE = 0x16  # RFC 8446 5.1: the content type of the first record of every client


def frame(payload: bytes) -> bytes:
    """Return *payload* as one block."""
    return b"\x0b%b\x1c\r" % payload


class Framer:
    """Cut a byte stream into events. The caller owns the socket and the timers."""

    def __init__(self, max_block: int, block_end: BlockEnd = "1c0d") -> None:
        self._max_block = max_block
        self._short_end = block_end == "1c"
        self.inside_block = False
        """Whether a block has begun and not ended."""
        self._partial: BytesIO | None = None  # what earlier chunks have brought of the block that has begun
        self._starts = 0  # since the last whole block
        self._has_dropped = False  # whether more than stray octets was dropped since the last whole block
        self._stray = 0  # stray octets that are not reported yet
        self._in_gap = 0  # stray octets since the last whole block, also an empty one
        self._ended_short = False  # the end was 1C alone: a CR right behind it still belongs to the block
        self._offset = 0  # of the next chunk in the stream
        self._held, self._held_at = b"", 0  # a chunk that is not processed to its end, and where to go on
        self.has_held = False
        """Whether octets are held that were received and are not processed yet."""
        self._undecided = False  # what is held begins with a 1C: the octet that explains it has not come yet
        self.block_offset = 0
        """Where in the stream the payload of the last block that has begun begins."""
        self.has_more = False
        """Whether there may be more events in what was received: the next call returns them."""
        self._events: list[Event] = []
        self._broken = False

    @property
    def kept(self) -> int:
        """Octets that are kept of the block that has begun."""
        return 0 if self._partial is None else self._partial.tell()

    @property
    def held(self) -> int:
        """Octets that were received and are not processed yet."""
        return len(self._held) - self._held_at

    def receive_data(self, data: bytes, most: int = sys.maxsize) -> list[Event]:
        """Return the events that *data* completes, in wire order. Never raises.

        Once there are *most*, the rest is left to the next call, whose *data* may be empty.
        """
        if data.startswith(ORDINARY) and (payload := self._whole_block(data)) is not None:
            return [Block(payload)]
        at = 0
        if self._held:
            data, at = (self._held + data, self._held_at) if data else (self._held, self._held_at)
        size = len(data)
        self._undecided = False
        while at < size and not self._broken and not self._undecided and len(self._events) < most:
            at = self._inside_block(data, at) if self.inside_block else self._between_blocks(data, at)
        self._hold(data, at)
        events, self._events = self._events, []
        return events

    def _whole_block(self, data: bytes) -> bytes | None:
        """Return the payload if *data* is a whole block and nothing else, and nothing is left of what came before.

        That is the usual case. It is no block of stray octets, because it begins with a letter.
        """
        if self.inside_block or self.has_held or self._stray or self._has_dropped or self._broken or self._short_end:
            return None
        size = len(data)
        end = size - 2  # of the payload, which begins behind one octet
        if data.find(_END_FIRST) != end or not data.endswith(END) or data.find(_START, 1) >= 0:
            return None
        if end - 1 > self._max_block:
            return None
        self._starts = self._in_gap = 0
        self.block_offset = self._offset + 1
        self._offset += size
        return data[1:end]

    def receive_eof(self) -> list[Event]:
        """Return the events that were not asked for yet, and those that the end of the stream completes."""
        events = self.receive_data(b"")
        self._report_stray()
        if self.inside_block:
            self._break(Fault.UNFINISHED, len(self._held))
        events += self._events
        self._events = []
        return events

    def _hold(self, data: bytes, at: int) -> None:
        self.has_more = at < len(data) and not self._broken and not self._undecided
        if at == len(data) or self._broken:
            self._held, self._held_at = b"", 0
            self._offset += at
        elif self._undecided:
            self._held, self._held_at = data[at:], 0
            self._offset += at
        else:
            self._held, self._held_at = data, at
        self.has_held = bool(self._held)

    def _between_blocks(self, data: bytes, at: int) -> int:
        if data[at] != _START:
            return self._skip(data, at)
        self._ended_short = False
        self.inside_block = True
        self.block_offset = self._offset + at + 1
        return at + 1

    def _inside_block(self, data: bytes, at: int) -> int:
        end = data.find(_END_FIRST, at)
        until = end if end >= 0 else len(data)
        again = data.find(_START, at, until)
        if self.kept + (until if again < 0 else again) - at > self._max_block:
            return self._break_too_large(data, at)
        if again >= 0:
            return self._begin_again(data, at, again)
        if end < 0:
            self._keep(data, at, until)
            return until
        return self._end_block(data, at, end)

    def _begin_again(self, data: bytes, at: int, again: int) -> int:
        self._starts += 1
        if self._starts > MOST_STARTS:
            return self._break(Fault.TOO_MANY_STARTS, again)
        self._report_stray()
        dropped = self.kept + again - at
        beginning = self._beginning(data, at, min(dropped, BEGINNING))
        self._has_dropped |= not _STRAY.fullmatch(beginning)
        self._events.append(BegunAgain(dropped, self._offset + again, beginning))
        self._partial = None
        self.block_offset = self._offset + again + 1
        return again + 1

    def _keep(self, data: bytes, at: int, until: int) -> None:
        if at < until:
            self._partial = self._partial or BytesIO()
            self._partial.write(memoryview(data)[at:until])

    def _end_block(self, data: bytes, at: int, end: int) -> int:
        after, stray = (end + 1, 0) if self._short_end else self._after_end(data, end)
        if self._broken:
            return after
        if self._undecided:
            self._keep(data, at, end)
            return end
        if self._partial is None:
            payload = data[at:end]
        else:
            self._keep(data, at, end)
            payload = self._partial.getvalue()
        self._partial = None
        self.inside_block = False
        self._ended_short = self._short_end
        if _STRAY.fullmatch(payload) and not self._has_dropped:  # else it may be the end of a text with a vertical tab
            return self._skip_block(after)
        self._report_stray()
        self._starts, self._has_dropped = 0, False
        self._stray = self._in_gap = stray
        self._events.append(Block(payload))
        return after

    def _skip_block(self, after: int) -> int:
        """Count the block that ends before *after* as stray octets: it holds nothing else, so it is no message."""
        size = self._offset + after - self.block_offset + len(START)
        self._stray += size
        if self._in_gap + size > MOST_STRAY:
            return self._break(Fault.TOO_MUCH_STRAY, after)
        self._starts = self._in_gap = 0
        return after

    def _after_end(self, data: bytes, end: int) -> tuple[int, int]:
        """Return where to go on behind the block end at *end*, and how many octets before that are stray.

        Where it is not clear that the block ends there, the stream is broken, or the decision waits for more octets.
        """
        if data[end + 1 : end + 2] == END[1:]:
            return end + 2, 0
        found = _LONG_END.match(data, end)
        after = found.end() if found else end
        if after - end > LONGEST_END:
            return self._break(Fault.UNCLEAR_END, end), 0
        if found and found[1]:
            return after, after - end - len(END)
        if after == len(data):
            self._undecided = True
            return end, 0
        if data[after] != _START:
            return self._break(Fault.UNCLEAR_END, end), 0
        return after, after - end - 1

    def _skip(self, data: bytes, at: int) -> int:
        if self._ended_short:
            self._ended_short = False
            if data[at] == _END_LAST:
                return at + 1
        found = _STRAY.match(data, at)
        after = found.end() if found else at
        if self._in_gap + after - at > MOST_STRAY:
            return self._break(Fault.TOO_MUCH_STRAY, at + MOST_STRAY - self._in_gap)
        self._stray += after - at
        self._in_gap += after - at
        if after < len(data) and data[after] != _START:
            if self._offset + after == 0 and data[0] == _TLS_HANDSHAKE:
                return self._break(Fault.TLS, 0)
            # A blank stands for what came in an earlier read.
            around = (data[after - 1 : after] if after else b" ") + data[after : after + LONGEST_LOOK]
            return self._break(Fault.NO_START, after, class_of(data[after]), around=around)
        return after

    def _report_stray(self) -> None:
        if self._stray:
            self._events.append(Skipped(self._stray))
            self._stray = 0

    def _break_too_large(self, data: bytes, at: int) -> int:
        beginning = self._beginning(data, at, min(BEGINNING, self._max_block))
        too_far = self.block_offset + self._max_block - self._offset
        return self._break(Fault.TOO_LARGE, too_far, beginning=beginning)

    def _beginning(self, data: bytes, at: int, most: int) -> bytes:
        kept = b"" if self._partial is None else bytes(self._partial.getbuffer()[:most])
        return kept + data[at : at + most - len(kept)]

    def _break(
        self, fault: Fault, at: int, octet: OctetClass | None = None, beginning: bytes = b"", around: bytes = b""
    ) -> int:
        """Report *fault* at chunk offset *at*, and drop what was kept."""
        if fault is not Fault.TOO_MUCH_STRAY:
            self._report_stray()
        self._events.append(Broken(fault, self._offset + at, octet, beginning, around))
        self._broken = True
        self.inside_block = False
        self._partial = None
        self._stray = 0
        return at
