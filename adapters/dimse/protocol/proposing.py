"""A-ASSOCIATE-RQ, -AC and the P-DATA-TFs of a data set on the requesting side (PS3.8 9.3.2, 9.3.3, 9.3.5).

Of an A-ASSOCIATE-AC only the presentation contexts and the maximum length are used. Other items never abort the
association, even if they are malformed. A presentation context may be used only if its answer is what PS3.8 9.3.3.2
allows: one result, and with an acceptance the transfer syntax that was proposed. No role selection is proposed, so one
in the answer has no effect (PS3.7 D.3.3.4).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from adapters.dimse.protocol.associate import APPLICATION_CONTEXT, VARIABLE_ITEMS
from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from adapters.dimse.protocol.items import ITEM_HEADER, TRANSFER_SYNTAX, USER_INFORMATION, items_in
from adapters.dimse.protocol.pdu import LAST, P_DATA_TF, PDU_HEADER, PDV_HEADER
from adapters.dimse.protocol.user_information import decode_user_information

RELEASE_RQ = PDU_HEADER.pack(0x05, 4) + bytes(4)
ACCEPTED_CONTEXT = 0x21  # PS3.8 table 9-18: a presentation context of an A-ASSOCIATE-AC
CONTEXT_FIXED = 4  # PS3.8 table 9-18: the fields before its sub-item
Syntaxes = tuple[str, str]
"""A SOP class and the transfer syntax of its data set: together they need one presentation context."""
MAX_PDU = 131072
"""By default, the longest P-DATA-TF accepted, and the longest sent to a peer that sets no limit."""
SHORTEST_PDU = PDV_HEADER.size + 1
"""A peer's limit for P-DATA-TFs below this does not allow a single octet of a message (PS3.8 D.1, table 9-22)."""


class Violation(Enum):
    """Why a presentation context must not be used, although the peer accepts it; the values are fixed texts."""

    TRANSFER_SYNTAX = "accepted, but not with the transfer syntax that was proposed"
    CONTRADICTION = "answered twice, with different results"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a peer has accepted of what was proposed."""

    results: Mapping[int, int | Violation]
    """The result of each proposed presentation context in the answer, by ID; 0 is acceptance."""
    max_pdu: int = 0
    """The longest P-DATA-TF the peer takes; 0 is any."""
    odd_items: tuple[str, ...] = ()
    """Names of the user information items that do not conform to the standard."""

    @property
    def contexts(self) -> frozenset[int]:
        """The IDs of the presentation contexts that may be used."""
        return frozenset(number for number, result in self.results.items() if result == 0)

    @property
    def has_room(self) -> bool:
        """Whether the peer takes P-DATA-TFs that are long enough for a part of a message."""
        return self.max_pdu == 0 or self.max_pdu >= SHORTEST_PDU


@dataclass(frozen=True, slots=True)
class Proposed:
    """What this side proposes. AE titles have 16 characters at most."""

    called: str
    calling: str
    contexts: Mapping[int, Syntaxes]
    """Presentation contexts by ID; each has one transfer syntax."""
    max_pdu: int = MAX_PDU
    """The longest P-DATA-TF accepted, and the longest sent."""


def encode_proposal(proposed: Proposed) -> bytes:
    """Return an A-ASSOCIATE-RQ. No asynchronous window is proposed: one request at a time (PS3.7 D.3.3.3)."""
    user = b"".join(
        (
            _item(0x51, proposed.max_pdu.to_bytes(4, "big")),
            _item(0x52, IMPLEMENTATION_CLASS_UID.encode()),
            _item(0x55, IMPLEMENTATION_VERSION_NAME.encode()),
        )
    )
    contexts = b"".join(_context(number, *syntaxes) for number, syntaxes in proposed.contexts.items())
    titles = (title.encode("ascii", "replace").ljust(16) for title in (proposed.called, proposed.calling))
    fixed = struct.pack(">Hxx16s16s32x", 1, *titles)
    body = fixed + _item(0x10, APPLICATION_CONTEXT.encode()) + contexts + _item(USER_INFORMATION, user)
    return PDU_HEADER.pack(0x01, len(body)) + body


def _context(number: int, abstract_syntax: str, transfer_syntax: str) -> bytes:
    syntaxes = _item(0x30, abstract_syntax.encode("ascii")) + _item(0x40, transfer_syntax.encode("ascii"))
    return _item(0x20, bytes((number, 0, 0, 0)) + syntaxes)


def _item(kind: int, value: bytes) -> bytes:
    return ITEM_HEADER.pack(kind, len(value)) + value


def decode_agreement(pdu: bytes, proposed: Mapping[int, Syntaxes]) -> Agreement:
    """Return what a whole A-ASSOCIATE-AC agrees to of the presentation contexts *proposed*. Never raises."""
    results: dict[int, int | Violation] = {}
    user = b""
    for kind, start, end in items_in(pdu, VARIABLE_ITEMS, len(pdu)):
        value = pdu[start:end]
        if kind == ACCEPTED_CONTEXT and len(value) >= CONTEXT_FIXED and value[0] in proposed:
            result = _result(value, proposed[value[0]])
            is_same = results.get(value[0], result) == result
            results[value[0]] = result if is_same else Violation.CONTRADICTION
        elif kind == USER_INFORMATION:
            user = user or value
    information = decode_user_information(user)
    return Agreement(results, information.max_pdu, information.odd_items)


def _result(context: bytes, syntaxes: Syntaxes) -> int | Violation:
    """Return the result of a presentation context item; its transfer syntax is significant only with an acceptance."""
    if context[2] != 0:
        return context[2]
    items = items_in(context, CONTEXT_FIXED, len(context))
    chosen = [context[start:end].rstrip(b" \0") for kind, start, end in items if kind == TRANSFER_SYNTAX]
    return 0 if chosen == [syntaxes[1].encode("ascii")] else Violation.TRANSFER_SYNTAX


def room_in(max_pdu: int, most: int = MAX_PDU) -> int:
    """Return how many octets of a data set fit into one P-DATA-TF; *max_pdu* is the peer's limit, *most* is ours.

    Fragments have an even number of octets (PS3.8 E.1), except for a peer whose limit allows only one octet.
    """
    return max((min(max_pdu or most, most) - PDV_HEADER.size) & ~1, 1)


def encode_data(context_id: int, octets: bytes, room: int, *, is_end: bool) -> bytes:
    """Return *octets* of a data set as P-DATA-TFs of at most *room* octets; *is_end*: the data set ends with them."""
    view = memoryview(octets)
    starts = range(0, max(len(view), 1), room)
    return b"".join(
        _encode_piece(context_id, view[at : at + room], is_last=is_end and at == starts[-1]) for at in starts
    )


def _encode_piece(context_id: int, piece: memoryview, *, is_last: bool) -> bytes:
    header = PDU_HEADER.pack(P_DATA_TF, PDV_HEADER.size + len(piece))
    return b"".join((header, PDV_HEADER.pack(len(piece) + 2, context_id, LAST if is_last else 0), piece))
