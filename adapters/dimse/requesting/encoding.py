"""What a requestor says and reads (PS3.8 9.3.2, 9.3.3; PS3.7 9.3): octets and plain values, no socket.

Of an answer only what decides something is read: contexts, maximum length, status. Whatever else the peer says of
itself, in whatever shape, aborts nothing.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from pydicom.uid import UID

from adapters.dimse.protocol.associate import APPLICATION_CONTEXT, VARIABLE_ITEMS
from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from adapters.dimse.protocol.items import ITEM_HEADER, USER_INFORMATION, items_in
from adapters.dimse.protocol.negotiation import Refusal
from adapters.dimse.protocol.pdu import LAST, P_DATA_TF, PDU_HEADER, PDV_HEADER, WHOLE_PDUS
from adapters.dimse.protocol.user_information import decode_user_information
from adapters.dimse.requesting.files import Syntaxes

RELEASE_RQ = PDU_HEADER.pack(0x05, 4) + bytes(4)
ACCEPTED_CONTEXT = 0x21  # PS3.8 table 9-18: a presentation context of an A-ASSOCIATE-AC
CONTEXT_FIXED = 4  # likewise: the fields before its sub-item
RESULTS = {  # likewise; 0 is acceptance
    1: "user rejection",
    2: "no reason given",
    3: "abstract syntax not supported",
    4: "transfer syntax not supported",
}
MAX_PDU = 131072
"""The longest P-DATA-TF taken, and the longest sent to a peer that takes any."""

NONE_ACCEPTED = "association accepted, but none of the proposed contexts:"
BEGINNING = 8
"""How many of a peer's first octets tell what it speaks."""
OTHER_PROTOCOLS = {b"HTTP/": "HTTP", b"\x15\x03": "TLS", b"\x16\x03": "TLS", b"SSH-": "SSH", b"\x0b": "MLLP"}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a peer has accepted."""

    results: Mapping[int, int]
    """The ID of each presentation context that it answers, and the result: 0 where it accepts."""
    max_pdu: int = 0
    """The longest P-DATA-TF the peer takes; 0 is any."""
    odd_items: tuple[str, ...] = ()
    """Names of the user information items that are not as the standard has them."""

    @property
    def contexts(self) -> frozenset[int]:
        """The IDs of the presentation contexts that may be used."""
        return frozenset(number for number, result in self.results.items() if result == 0)


def encode_proposal(called: str, calling: str, contexts: Mapping[int, Syntaxes]) -> bytes:
    """Return an A-ASSOCIATE-RQ; each of *contexts* is a SOP class and the one transfer syntax it is proposed in."""
    user = b"".join(
        (
            _item(0x51, MAX_PDU.to_bytes(4, "big")),
            _item(0x52, IMPLEMENTATION_CLASS_UID.encode()),
            _item(0x55, IMPLEMENTATION_VERSION_NAME.encode()),
        )
    )
    proposed = b"".join(_context(number, *syntaxes) for number, syntaxes in contexts.items())
    fixed = struct.pack(
        ">Hxx16s16s32x", 1, *(title.encode("ascii", "replace").ljust(16) for title in (called, calling))
    )
    body = fixed + _item(0x10, APPLICATION_CONTEXT.encode()) + proposed + _item(USER_INFORMATION, user)
    return PDU_HEADER.pack(0x01, len(body)) + body


def _context(number: int, abstract_syntax: str, transfer_syntax: str) -> bytes:
    syntaxes = _item(0x30, abstract_syntax.encode("ascii")) + _item(0x40, transfer_syntax.encode("ascii"))
    return _item(0x20, bytes((number, 0, 0, 0)) + syntaxes)


def _item(kind: int, value: bytes) -> bytes:
    return ITEM_HEADER.pack(kind, len(value)) + value


def decode_agreement(pdu: bytes) -> Agreement:
    """Return what a whole A-ASSOCIATE-AC agrees to. Never raises."""
    results, user = {}, b""
    for kind, start, end in items_in(pdu, VARIABLE_ITEMS, len(pdu)):
        value = pdu[start:end]
        if kind == ACCEPTED_CONTEXT and len(value) >= CONTEXT_FIXED:
            results[value[0]] = value[2]
        elif kind == USER_INFORMATION:
            user = user or value
    information = decode_user_information(user)
    return Agreement(results, information.max_pdu, information.odd_items)


def why_not_accepted(agreement: Agreement, context_id: int, syntaxes: Syntaxes) -> str:
    """Return what *agreement* says of a presentation context that it does not accept."""
    result = agreement.results.get(context_id)
    told = "no result" if result is None else f"result {result}: {RESULTS.get(result, 'unknown')}"
    kind = " / ".join(UID(each).name for each in syntaxes)
    subject = "the peer does not accept" if agreement.contexts else NONE_ACCEPTED
    return f"{subject} {kind} ({told})"


def why_rejected(pdu: bytes) -> str:
    """Return what a whole A-ASSOCIATE-RJ says, in fixed words."""
    code = tuple(pdu[7:10])  # PS3.8 table 9-21: result, source, reason
    known = next((each.name for each in Refusal if each.value == code), "/".join(map(str, code)))
    return f"association rejected: {known.lower().replace('_', ' ')}"


def why_no_pdu(beginning: bytes) -> str:
    """Return, in fixed words, why what a peer sends is no PDU; *beginning* is the first octets of all that it sent."""
    if beginning[:1] and beginning[0] in (P_DATA_TF, *WHOLE_PDUS):
        return "what the peer sent is no valid PDU"
    other = next((name for start, name in OTHER_PROTOCOLS.items() if beginning.startswith(start)), "")
    return f"not DICOM: the peer answered {other}" if other else "not DICOM: what the peer answered is no PDU"


def room_in(max_pdu: int) -> int:
    """Return how many octets of a data set go into one P-DATA-TF that a peer with *max_pdu* takes.

    Fragments have an even number of octets (PS3.8 E.1), except for a peer that takes one octet at a time.
    """
    return max((min(max_pdu or MAX_PDU, MAX_PDU) - PDV_HEADER.size) & ~1, 1)


def encode_data(context_id: int, octets: bytes, room: int, *, is_end: bool) -> bytes:
    """Return *octets* of a data set as P-DATA-TFs with *room* for so many each; they are its last if this *is_end*."""
    view = memoryview(octets)
    starts = range(0, max(len(view), 1), room)
    return b"".join(
        _encode_piece(context_id, view[at : at + room], is_last=is_end and at == starts[-1]) for at in starts
    )


def _encode_piece(context_id: int, piece: memoryview, *, is_last: bool) -> bytes:
    header = PDU_HEADER.pack(P_DATA_TF, PDV_HEADER.size + len(piece))
    return b"".join((header, PDV_HEADER.pack(len(piece) + 2, context_id, LAST if is_last else 0), piece))
