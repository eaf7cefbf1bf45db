"""Protocol data units (PS3.8 9.3): decodes the peer's octets into events, and encodes the PDUs that Hilum sends."""

import sys
from collections.abc import Callable
from struct import Struct

from adapters.dimse.protocol.events import (
    Abort,
    AbortReason,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    Fragment,
    Invalid,
    Lengths,
    PeerEvent,
    ReleaseRp,
    ReleaseRq,
)

PDU_HEADER = Struct(">BxL")  # type, reserved, length of what follows
PDV_HEADER = Struct(">LBB")  # item length (which counts the next two octets), context ID, message control header
COMMAND, LAST = 0x01, 0x02  # PS3.8 E.2: bits of the message control header

P_DATA_TF = 0x04
TLS_HANDSHAKE = 0x16  # RFC 8446 5.1: the content type of the first record of every client
MAX_ASSOCIATE = 1 << 20
SHORT_ASSOCIATE = 64 * 1024
"""An A-ASSOCIATE PDU up to this length is accepted from every peer."""
ASSOCIATE_FIXED = 68  # PS3.8 table 9-11: the fields before the variable items

# Every PDU except P-DATA-TF: its least and greatest length, and its event.
WHOLE_PDUS: dict[int, tuple[int, int, Callable[[bytes], PeerEvent]]] = {
    0x01: (ASSOCIATE_FIXED, MAX_ASSOCIATE, AssociateRq),
    0x02: (ASSOCIATE_FIXED, MAX_ASSOCIATE, AssociateAc),
    0x03: (4, 4, AssociateRj),
    0x05: (4, 4, lambda _: ReleaseRq()),
    0x06: (4, 4, lambda _: ReleaseRp()),
    0x07: (4, 4, lambda pdu: Abort(pdu[8], pdu[9])),
}

NAMES = {
    0x01: "A-ASSOCIATE-RQ",
    0x02: "A-ASSOCIATE-AC",
    0x03: "A-ASSOCIATE-RJ",
    P_DATA_TF: "P-DATA-TF",
    0x05: "A-RELEASE-RQ",
    0x06: "A-RELEASE-RP",
    0x07: "A-ABORT",
}
VALUE = "presentation data value"

RELEASE_RP = PDU_HEADER.pack(0x06, 4) + bytes(4)
SERVICE_USER, SERVICE_PROVIDER = 0, 2  # PS3.8 table 9-26: the source of an abort


class PduReader:
    """Decodes a byte stream into events; an ``Invalid`` is always the last one.

    P-DATA-TF is passed on as it arrives: a value that spans several reads becomes several fragments, each a view of
    the octets given to :meth:`receive_data`. All other PDUs are small and are collected whole. Of an A-ASSOCIATE PDU
    longer than SHORT_ASSOCIATE the fixed fields are read first; *takes_long* decides by them whether the rest is
    collected, too. If not, the last event is an ``AssociateRq`` that is not whole.
    """

    def __init__(self, max_pdu: int, takes_long: Callable[[bytes], bool] = lambda _: True) -> None:
        self._max_pdu = max_pdu
        self._takes_long = takes_long
        self._held = bytearray()  # the beginning of an incomplete header or PDU
        self._pdu_type = 0
        self._pdu_left = 0  # octets of the current P-DATA-TF after the current value
        self._value_left = 0  # octets of the current value that are still missing
        self._context_id = 0
        self._control = 0
        self._whole_size = 0  # of a long A-ASSOCIATE PDU
        self._broken = False
        self._rest = memoryview(b"")  # received, but not decoded yet
        self._expect(PDU_HEADER.size, self._begin_pdu)

    @property
    def is_mid_pdu(self) -> bool:
        """Whether the peer owes the rest of a PDU."""
        return bool(self._held or self._pdu_left or self._value_left)

    @property
    def held(self) -> int:
        """Octets kept in memory: an incomplete PDU, and what was received but not decoded yet."""
        return len(self._held) + len(self._rest)

    @property
    def has_more(self) -> bool:
        """Whether octets are left over from the last call; the next call decodes them."""
        return bool(self._rest) and not self._broken

    def receive_data(self, data: bytes, most: int = sys.maxsize) -> list[PeerEvent]:
        """Return the events in *data*, in wire order. Never raises.

        After *most* events the rest is kept for the next call, whose *data* may be empty. After the last event
        of the stream nothing is kept.
        """
        events: list[PeerEvent] = []
        view = memoryview(b"" if self._broken else data)
        if self._rest:
            view = memoryview(bytes(self._rest) + data) if data else self._rest
        while view and not self._broken and len(events) < most:
            view = self._fragment(view, events) if self._value_left else self._collect(view, events)
        self._rest = memoryview(b"") if self._broken else view
        return events

    def stop(self) -> None:
        """Drop all octets that are held and decode nothing more."""
        self._broken, self._held, self._rest = True, bytearray(), memoryview(b"")

    def _fragment(self, view: memoryview, events: list[PeerEvent]) -> memoryview:
        data = view[: self._value_left]
        self._value_left -= len(data)
        is_last = not self._value_left and bool(self._control & LAST)
        events.append(Fragment(self._context_id, bool(self._control & COMMAND), is_last, data))
        return view[len(data) :]

    def _collect(self, view: memoryview, events: list[PeerEvent]) -> memoryview:
        missing = self._wanted - len(self._held)
        self._held += view[:missing]
        if len(self._held) == self._wanted:
            whole, self._held = bytes(self._held), bytearray()
            self._continue(whole, events)
        return view[missing:]

    def _expect(self, size: int, then: Callable[[bytes, list[PeerEvent]], None]) -> None:
        self._wanted, self._continue = size, then

    def _begin_pdu(self, header: bytes, events: list[PeerEvent]) -> None:
        self._pdu_type, length = PDU_HEADER.unpack(header)
        if self._pdu_type == P_DATA_TF:
            self._begin_p_data(length, events)
        elif self._pdu_type in WHOLE_PDUS:
            self._begin_whole(length, header, events)
        else:
            self._break(AbortReason.UNRECOGNIZED_PDU, events)

    def _begin_whole(self, length: int, header: bytes, events: list[PeerEvent]) -> None:
        shortest, longest, _ = WHOLE_PDUS[self._pdu_type]
        if not shortest <= length <= longest:
            return self._break_at(Lengths(NAMES[self._pdu_type], length, shortest, longest), events)
        self._held += header
        if length > SHORT_ASSOCIATE:
            self._whole_size = PDU_HEADER.size + length
            return self._expect(PDU_HEADER.size + ASSOCIATE_FIXED, self._judge_long)
        return self._expect(PDU_HEADER.size + length, self._end_whole)

    def _judge_long(self, fixed: bytes, events: list[PeerEvent]) -> None:
        if self._takes_long(fixed):
            self._held += fixed
            return self._expect(self._whole_size, self._end_whole)
        self._broken = True
        is_request = WHOLE_PDUS[self._pdu_type][2] is AssociateRq
        return events.append(AssociateRq(fixed, is_whole=False) if is_request else Invalid(AbortReason.UNEXPECTED_PDU))

    def _end_whole(self, pdu: bytes, events: list[PeerEvent]) -> None:
        events.append(WHOLE_PDUS[self._pdu_type][2](pdu))
        self._expect(PDU_HEADER.size, self._begin_pdu)

    def _begin_p_data(self, length: int, events: list[PeerEvent]) -> None:
        # PS3.8 9.3.5: a P-DATA-TF has one or more values, so it is at least as long as the header of a value.
        if not PDV_HEADER.size <= length <= self._max_pdu:
            return self._break_at(Lengths(NAMES[P_DATA_TF], length, PDV_HEADER.size, self._max_pdu), events)
        self._pdu_left = length
        return self._expect(PDV_HEADER.size, self._begin_value)

    def _begin_value(self, header: bytes, events: list[PeerEvent]) -> None:
        item_length, self._context_id, self._control = PDV_HEADER.unpack(header)
        left = self._pdu_left - 4 - item_length
        if item_length < 2 or left < 0 or 0 < left < PDV_HEADER.size:
            return self._break_at(Lengths(VALUE, item_length, 2, self._pdu_left - 4), events)
        self._pdu_left, self._value_left = left, item_length - 2
        if not self._value_left:
            self._fragment(memoryview(b""), events)
        if left:
            return self._expect(PDV_HEADER.size, self._begin_value)
        return self._expect(PDU_HEADER.size, self._begin_pdu)

    def _break(self, reason: AbortReason, events: list[PeerEvent]) -> None:
        self._broken = True
        events.append(Invalid(reason, is_tls=self._pdu_type == TLS_HANDSHAKE))

    def _break_at(self, lengths: Lengths, events: list[PeerEvent]) -> None:
        self._broken = True
        events.append(Invalid(AbortReason.INVALID_PARAMETER, lengths=lengths))


def encode_abort(source: int, reason: AbortReason = AbortReason.NOT_SPECIFIED) -> bytes:
    """Return an A-ABORT PDU (PS3.8 9.3.8)."""
    return PDU_HEADER.pack(0x07, 4) + bytes((0, 0, source, reason))


def encode_reject(result: int, source: int, reason: int) -> bytes:
    """Return an A-ASSOCIATE-RJ PDU (PS3.8 9.3.4)."""
    return PDU_HEADER.pack(0x03, 4) + bytes((0, result, source, reason))


def encode_command(context_id: int, command_set: bytes, max_pdu: int) -> bytes:
    """Return *command_set* as P-DATA-TF PDUs, none longer than *max_pdu* of the peer (0: no limit, PS3.8 D.1)."""
    room = max((max_pdu - PDV_HEADER.size) & ~1, 1) if max_pdu else len(command_set)  # PS3.8 E.1: even fragments
    size = len(command_set)
    return b"".join(
        _encode_piece(context_id, command_set[at : at + room], is_last=at + room >= size) for at in range(0, size, room)
    )


def _encode_piece(context_id: int, piece: bytes, *, is_last: bool) -> bytes:
    header = PDV_HEADER.pack(len(piece) + 2, context_id, COMMAND | (LAST if is_last else 0))
    return PDU_HEADER.pack(P_DATA_TF, len(header) + len(piece)) + header + piece
