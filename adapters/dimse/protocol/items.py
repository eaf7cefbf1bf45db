"""The items of an association PDU, counted before they are decoded: decoding costs more than sending them."""

from collections.abc import Iterator
from struct import Struct

VARIABLE_ITEMS = 74  # PS3.8 table 9-11: the offset at which the variable items begin
ITEM_HEADER = Struct(">BxH")
PRESENTATION_CONTEXT, TRANSFER_SYNTAX, USER_INFORMATION = 0x20, 0x40, 0x50
CONTEXT_FIXED = 4  # PS3.8 table 9-13: the fields before the sub-items

MOST_CONTEXTS = 128
"""PS3.8 9.3.2.2: the IDs of presentation contexts are the odd numbers up to 255."""
MOST_TRANSFER_SYNTAXES = 128
"""Limit for one presentation context. The registry (PS3.6 table A-1) has about 60 transfer syntaxes."""
MOST_USER_ITEMS = 512
"""Limit for user information: role selection and extended negotiation occur once per SOP class (PS3.7 D.3.3.4,
D.3.3.5)."""
MOST_ITEMS = 16
"""Limit for all other items of the PDU together."""


def has_too_many(pdu: bytes) -> bool:
    """Whether *pdu*, a whole A-ASSOCIATE-RQ, has more items than the limits allow. Counting ends at a wrong length."""
    contexts = others = 0
    for kind, start, end in items_in(pdu, VARIABLE_ITEMS, len(pdu)):
        contexts += kind == PRESENTATION_CONTEXT
        others += kind != PRESENTATION_CONTEXT
        if contexts > MOST_CONTEXTS or others > MOST_ITEMS or _is_too_long(pdu, kind, start, end):
            return True
    return False


def _is_too_long(pdu: bytes, kind: int, start: int, end: int) -> bool:
    if kind == PRESENTATION_CONTEXT:
        return _exceed(items_in(pdu, start + CONTEXT_FIXED, end), MOST_TRANSFER_SYNTAXES + 1)  # and an abstract syntax
    return kind == USER_INFORMATION and _exceed(items_in(pdu, start, end), MOST_USER_ITEMS)


def _exceed(items: Iterator[tuple[int, int, int]], most: int) -> bool:
    return any(number > most for number, _ in enumerate(items, 1))


def items_in(pdu: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield type, start and end of the content of each item between *at* and *end*; no item goes beyond *end*."""
    while at + ITEM_HEADER.size <= end:
        kind, length = ITEM_HEADER.unpack_from(pdu, at)
        start = at + ITEM_HEADER.size
        yield kind, start, min(start + length, end)
        at = start + length
