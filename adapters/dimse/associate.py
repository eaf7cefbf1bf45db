"""A-ASSOCIATE-RQ and -AC (PS3.8 9.3.2, 9.3.3) as plain values; pynetdicom decodes and encodes their items.

Only the presentation contexts of a request are decoded here: with 128 of them, each with 100 transfer syntaxes,
pynetdicom takes more than a tenth of a second, in which nobody else is served.
"""

import struct
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_items import (
    PDU_ITEM_TYPES,
    ApplicationContextItem,
    ImplementationClassUIDSubItem,
    ImplementationVersionNameSubItem,
    MaximumLengthSubItem,
    PresentationContextItemAC,
    SCP_SCU_RoleSelectionSubItem,
    TransferSyntaxSubItem,
    UserInformationItem,
)

from adapters.dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
VARIABLE_ITEMS = 74  # PS3.8 table 9-11: the offset at which they begin
CALLED, CALLING, RESERVED = slice(10, 26), slice(26, 42), slice(10, 74)
ITEM_HEADER = struct.Struct(">BxH")
PRESENTATION_CONTEXT, ABSTRACT_SYNTAX, TRANSFER_SYNTAX, USER_INFORMATION = 0x20, 0x30, 0x40, 0x50
CONTEXT_ID, SUB_ITEMS = 4, 8  # PS3.8 table 9-13: offsets in a presentation context item
MOST_UID = 64  # PS3.5 9.1
# User information holds neither itself (what nests it would have every reader of it nest as deep) nor contexts.
SUB_ITEM_TYPES = PDU_ITEM_TYPES.keys() - {USER_INFORMATION, PRESENTATION_CONTEXT}

# What pynetdicom's decoders raise on octets that make no sense; it promises no single error.
NOT_DECODABLE = (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class ProposedContext:
    """A presentation context as the peer proposes it."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the peer asks for. Titles are without padding; UIDs may name nothing."""

    called_ae_title: str
    calling_ae_title: str
    contexts: tuple[ProposedContext, ...] = ()
    protocol_version: int = 1
    application_context: str = APPLICATION_CONTEXT
    max_pdu: int = 0
    """The longest P-DATA-TF the peer takes; 0 is any."""
    roles: tuple[tuple[str, bool], ...] = ()
    """SOP class UID, and whether the peer wants to be its SCU (PS3.7 D.3.3.4)."""


@dataclass(frozen=True, slots=True)
class ContextResult:
    """What is said to one proposed context (PS3.8 table 9-18)."""

    context_id: int
    result: int
    transfer_syntax: str


def decode_proposal(pdu: bytes) -> Proposal | None:
    """Return what a whole A-ASSOCIATE-RQ proposes, or None where it cannot be read."""
    request = A_ASSOCIATE_RQ()
    # The titles are read here, because pynetdicom raises on those that negotiation has to reject by name.
    blank = pdu[:10] + b"?".ljust(16) * 2 + pdu[42:VARIABLE_ITEMS]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns about odd UIDs and quotes them
            contexts, others = _split(_items(pdu[VARIABLE_ITEMS:]))
            request.decode(blank + b"".join(others))
            return _proposal(pdu, request, contexts)
    except NOT_DECODABLE:
        return None


def decode_titles(pdu: bytes) -> tuple[str, str]:
    """Return the calling and the called AE title of a whole A-ASSOCIATE-RQ, whatever else is in it."""
    return _title(pdu[CALLING]), _title(pdu[CALLED])


def _proposal(pdu: bytes, request: A_ASSOCIATE_RQ, contexts: Sequence[ProposedContext]) -> Proposal:
    user = request.user_information or UserInformationItem()
    return Proposal(
        called_ae_title=_title(pdu[CALLED]),
        calling_ae_title=_title(pdu[CALLING]),
        contexts=tuple(contexts),
        protocol_version=request.protocol_version,
        application_context=_text(request.application_context_name),
        max_pdu=user.maximum_length or 0,
        roles=tuple((_text(uid), bool(role.scu_role)) for uid, role in user.role_selection.items()),
    )


def _title(raw: bytes) -> str:
    text = raw.decode("ascii", "replace").strip(" \0")
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)


def _text(uid: str | None) -> str:
    return str(uid or "").rstrip(" \0")


def _split(items: Iterator[tuple[int, bytes]]) -> tuple[list[ProposedContext], list[bytes]]:
    """Return the presentation contexts, and the other items that pynetdicom knows: it raises on any it does not."""
    contexts, others = [], []
    for item_type, item in items:
        if item_type == PRESENTATION_CONTEXT:
            contexts.append(_context(item))
        elif item_type == USER_INFORMATION:
            known = b"".join(sub for sub_type, sub in _items(item[ITEM_HEADER.size :]) if sub_type in SUB_ITEM_TYPES)
            others.append(ITEM_HEADER.pack(item_type, len(known)) + known)
        elif item_type in PDU_ITEM_TYPES:  # others shall be ignored (PS3.8 9.3.1)
            others.append(item)
    return contexts, others


def _context(item: bytes) -> ProposedContext:
    syntaxes: dict[int, list[str]] = {ABSTRACT_SYNTAX: [], TRANSFER_SYNTAX: []}
    for item_type, sub_item in _items(item[SUB_ITEMS:]):
        if item_type in syntaxes:
            syntaxes[item_type].append(_uid(sub_item[ITEM_HEADER.size :]))
    abstract_syntax = syntaxes[ABSTRACT_SYNTAX][0] if syntaxes[ABSTRACT_SYNTAX] else ""
    return ProposedContext(item[CONTEXT_ID], abstract_syntax, tuple(syntaxes[TRANSFER_SYNTAX]))


def _uid(value: bytes) -> str:
    if len(value) > MOST_UID + 1:  # and a padding octet, which it should not have
        raise ValueError("a UID is too long")
    return _text(value.decode("ascii"))


def _items(items: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type of each item and the whole of it; raises ValueError where one is longer than what it is in."""
    offset = 0
    while offset < len(items):
        item_type, length = ITEM_HEADER.unpack_from(items, offset)
        end = offset + ITEM_HEADER.size + length
        if end > len(items):
            raise ValueError("an item is longer than its PDU")
        yield item_type, items[offset:end]
        offset = end


def encode_accept(
    request_pdu: bytes, contexts: Sequence[ContextResult], max_pdu: int, roles: Sequence[tuple[str, bool]]
) -> bytes:
    """Return the A-ASSOCIATE-AC that answers *request_pdu*."""
    accept = A_ASSOCIATE_AC()
    accept.reserved_aet = accept.reserved_aec = ""
    name = ApplicationContextItem()
    name.application_context_name = APPLICATION_CONTEXT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        accept.variable_items = [name, *map(_context_item, contexts), _user_information(max_pdu, roles)]
        pdu = bytearray(accept.encode())
    pdu[RESERVED] = request_pdu[RESERVED]  # PS3.8 table 9-17: sent back as received
    return bytes(pdu)


def _context_item(context: ContextResult) -> PresentationContextItemAC:
    syntax = TransferSyntaxSubItem()
    syntax.transfer_syntax_name = context.transfer_syntax
    item = PresentationContextItemAC()
    item.presentation_context_id = context.context_id
    item.result_reason = context.result
    item.transfer_syntax_sub_item = [syntax]
    return item


def _user_information(max_pdu: int, roles: Sequence[tuple[str, bool]]) -> UserInformationItem:
    """Return what PS3.7 D.3.3 wants in the answer. No asynchronous window: one request at a time, the default."""
    length = MaximumLengthSubItem()
    length.maximum_length_received = max_pdu
    implementation = ImplementationClassUIDSubItem()
    implementation.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    version = ImplementationVersionNameSubItem()
    version.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    information = UserInformationItem()
    information.user_data = [length, implementation, *(_role_item(*role) for role in roles), version]
    return information


def _role_item(sop_class_uid: str, is_scu: bool) -> SCP_SCU_RoleSelectionSubItem:
    role = SCP_SCU_RoleSelectionSubItem()
    role.sop_class_uid = sop_class_uid
    role.scu_role, role.scp_role = int(is_scu), 0  # Hilum is the SCP of everything it takes
    return role
