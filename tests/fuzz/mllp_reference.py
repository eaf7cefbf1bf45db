"""The rules of MLLP framing in their plainest form: octet by octet, for the fast framer to be compared with."""

from collections.abc import Callable

from adapters.mllp.events import BegunAgain, Block, Broken, Event, Fault, Skipped, class_of
from adapters.mllp.framing import BEGINNING, LONGEST_END, MOST_STARTS, MOST_STRAY, BlockEnd

START, END, CR, TLS = 0x0B, 0x1C, 0x0D, 0x16
BLANKS = b"\n\0\t \xef\xbb\xbf"
STRAY = bytes([*BLANKS, CR, END])


class Reading:
    """One stream. ``step`` is what the next octet means."""

    def __init__(self, largest: int, block_end: BlockEnd) -> None:
        self.events: list[Event] = []
        self.step: Callable[[int, int], None] = self._between
        self._largest, self._short = largest, block_end == "1c"
        self._payload, self._tail = b"", b""
        self._begins = self._ends = self._stray = self._in_gap = self._starts = 0
        self._has_dropped = False

    def end(self, offset: int) -> None:
        """Take the end of the stream."""
        if self.step != self._broken:
            self._tell_stray()
        if self.step in (self._inside, self._ending):
            self.events.append(Broken(Fault.UNFINISHED, offset))

    def _between(self, offset: int, octet: int) -> None:
        if octet == START:
            self._begin(offset)
        elif octet in STRAY and self._in_gap == MOST_STRAY:
            self._break(Broken(Fault.TOO_MUCH_STRAY, offset))
        elif octet in STRAY:
            self._stray += 1
            self._in_gap += 1
        else:
            is_tls = (offset, octet) == (0, TLS)
            self._break(Broken(Fault.TLS, 0) if is_tls else Broken(Fault.NO_START, offset, class_of(octet)))

    def _behind_a_short_end(self, offset: int, octet: int) -> None:
        self.step = self._between
        if octet != CR:
            self._between(offset, octet)

    def _inside(self, offset: int, octet: int) -> None:
        if octet == START and self._starts == MOST_STARTS:
            self._break(Broken(Fault.TOO_MANY_STARTS, offset))
        elif octet == START:
            self._tell_stray()
            beginning = self._payload[:BEGINNING]
            self.events.append(BegunAgain(len(self._payload), offset, beginning))
            self._has_dropped |= bool(beginning.strip(STRAY))
            self._starts += 1
            self._payload, self._begins = b"", offset + 1
        elif octet == END and self._short:
            self._finish(self._behind_a_short_end, offset + 1)
        elif octet == END:
            self.step, self._tail, self._ends = self._ending, b"\x1c", offset
        elif len(self._payload) == self._largest:
            too_far = self._begins + self._largest
            self._break(Broken(Fault.TOO_LARGE, too_far, beginning=self._payload[:BEGINNING]))
        else:
            self._payload += bytes([octet])

    def _ending(self, offset: int, octet: int) -> None:
        is_run = not self._tail.strip(b"\x1c")
        may_go_on = octet in BLANKS or octet in ((END, CR) if is_run else (CR,))
        if octet == START or (octet == CR and is_run and len(self._tail) < LONGEST_END):
            is_start = octet == START
            self._finish(self._between, offset if is_start else offset + 1, len(self._tail) - 1)
            if is_start:
                self.step(offset, octet)
        elif may_go_on and len(self._tail) < LONGEST_END:
            self._tail += bytes([octet])
        else:
            self._break(Broken(Fault.UNCLEAR_END, self._ends))

    def _broken(self, offset: int, octet: int) -> None:
        """Read no further."""

    def _begin(self, offset: int) -> None:
        self.step, self._payload, self._begins = self._inside, b"", offset + 1

    def _finish(self, step: Callable[[int, int], None], behind: int, stray: int = 0) -> None:
        """Take the end of a block whose last octet stands before *behind*."""
        self.step = step
        if self._payload.strip(STRAY) or self._has_dropped:
            self._tell_stray()
            self.events.append(Block(self._payload))
            self._stray = self._in_gap = stray
            self._starts, self._has_dropped = 0, False
            return
        size = behind - (self._begins - 1)
        self._stray += size
        if self._in_gap + size > MOST_STRAY:
            self._break(Broken(Fault.TOO_MUCH_STRAY, behind))
        self._starts = self._in_gap = 0

    def _break(self, event: Broken) -> None:
        if event.fault is not Fault.TOO_MUCH_STRAY:
            self._tell_stray()
        self.events.append(event)
        self.step = self._broken

    def _tell_stray(self) -> None:
        if self._stray:
            self.events.append(Skipped(self._stray))
            self._stray = 0


def read(wire: bytes, largest: int, block_end: BlockEnd) -> list[Event]:
    """Return the events of a whole stream."""
    reading = Reading(largest, block_end)
    for offset, octet in enumerate(wire):
        reading.step(offset, octet)
    reading.end(len(wire))
    return reading.events
