"""A-ASSOCIATE-RQ and -AC (PS3.8 9.3.2, 9.3.3) as plain values; pynetdicom encodes the items that Hilum sends.

PDUs from a peer are decoded here: pynetdicom raises for wrong values that do not matter, and with 128 presentation
contexts of 100 transfer syntaxes each it blocks the event loop for more than a tenth of a second.
"""

import struct
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pynetdicom.pdu import A_ASSOCIATE_AC
from pynetdicom.pdu_items import (
    ApplicationContextItem,
    ImplementationClassUIDSubItem,
    ImplementationVersionNameSubItem,
    MaximumLengthSubItem,
    SCP_SCU_RoleSelectionSubItem,
    UserInformationItem,
)

from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from adapters.dimse.protocol.user_information import Role, decode_user_information

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
VARIABLE_ITEMS = 74  # PS3.8 table 9-11: the offset at which the variable items begin
LENGTH = slice(2, 6)
PROTOCOL_VERSION, CALLED, CALLING, RESERVED = slice(6, 8), slice(10, 26), slice(26, 42), slice(10, 74)
ITEM_HEADER = struct.Struct(">BxH")
APPLICATION_CONTEXT_ITEM, PRESENTATION_CONTEXT, ABSTRACT_SYNTAX, TRANSFER_SYNTAX, USER_INFORMATION = (
    0x10, 0x20, 0x30, 0x40, 0x50,
)  # fmt: skip
CONTEXT_RESULT = 0x21
CONTEXT_ID, SUB_ITEMS = 4, 8  # PS3.8 table 9-13: offsets in a presentation context item
MOST_UID = 64  # PS3.5 9.1


@dataclass(frozen=True, slots=True)
class ProposedContext:
    """A presentation context as the peer proposes it."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the peer proposes. AE titles are without padding; UIDs may be unknown or invalid."""

    called_ae_title: str
    calling_ae_title: str
    contexts: tuple[ProposedContext, ...] = ()
    protocol_version: int = 1
    application_context: str = APPLICATION_CONTEXT
    max_pdu: int = 0
    """The longest P-DATA-TF the peer takes; 0 is any."""
    roles: tuple[Role, ...] = ()
    odd_items: tuple[str, ...] = ()
    """Names of the user information items that do not conform to the standard."""


@dataclass(frozen=True, slots=True)
class ContextResult:
    """The result for one proposed presentation context (PS3.8 table 9-18)."""

    context_id: int
    result: int
    transfer_syntax: str


def decode_proposal(pdu: bytes) -> Proposal | None:
    """Return what a whole A-ASSOCIATE-RQ proposes, or None if the lengths of its items are wrong."""
    try:
        items = list(_items(pdu[VARIABLE_ITEMS:]))
        contexts = tuple(_context(item) for kind, item in items if kind == PRESENTATION_CONTEXT)
    except (IndexError, ValueError, struct.error):
        return None
    user = decode_user_information(_content(items, USER_INFORMATION))
    return Proposal(
        called_ae_title=_title(pdu[CALLED]),
        calling_ae_title=_title(pdu[CALLING]),
        contexts=contexts,
        protocol_version=int.from_bytes(pdu[PROTOCOL_VERSION], "big"),
        application_context=_uid(_content(items, APPLICATION_CONTEXT_ITEM)),
        max_pdu=user.max_pdu,
        roles=user.roles,
        odd_items=user.odd_items,
    )


def _content(items: Sequence[tuple[int, bytes]], kind: int) -> bytes:
    return next((item[ITEM_HEADER.size :] for each, item in items if each == kind), b"")


def decode_titles(pdu: bytes) -> tuple[str, str]:
    """Return the calling and the called AE title of a whole A-ASSOCIATE-RQ, whatever else is in it."""
    return _title(pdu[CALLING]), _title(pdu[CALLED])


def _title(raw: bytes) -> str:
    # Senders written in C often leave old buffer content after the NUL that ends the title.
    text = raw.partition(b"\0")[0].decode("ascii", "replace").strip(" ")
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)


def _context(item: bytes) -> ProposedContext:
    syntaxes: dict[int, list[str]] = {ABSTRACT_SYNTAX: [], TRANSFER_SYNTAX: []}
    for item_type, sub_item in _items(item[SUB_ITEMS:]):
        if item_type in syntaxes:
            syntaxes[item_type].append(_uid(sub_item[ITEM_HEADER.size :]))
    abstract_syntax = syntaxes[ABSTRACT_SYNTAX][0] if syntaxes[ABSTRACT_SYNTAX] else ""
    return ProposedContext(item[CONTEXT_ID], abstract_syntax, tuple(filter(None, syntaxes[TRANSFER_SYNTAX])))


def _uid(value: bytes) -> str:
    """Return the UID, or "" if it is invalid: then only its presentation context is rejected, not the association."""
    text = value.decode("ascii", "replace").rstrip(" \0")
    return text if text.isascii() and len(text) <= MOST_UID else ""


def _items(items: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and the octets of each item; raises ValueError if an item is longer than what contains it."""
    offset = 0
    while offset < len(items):
        item_type, length = ITEM_HEADER.unpack_from(items, offset)
        end = offset + ITEM_HEADER.size + length
        if end > len(items):
            raise ValueError("an item is longer than its PDU")
        yield item_type, items[offset:end]
        offset = end


def encode_accept(request_pdu: bytes, contexts: Sequence[ContextResult], max_pdu: int, roles: Sequence[Role]) -> bytes:
    """Return the A-ASSOCIATE-AC that answers *request_pdu*."""
    accept = A_ASSOCIATE_AC()
    accept.reserved_aet = accept.reserved_aec = ""
    name = ApplicationContextItem()
    name.application_context_name = APPLICATION_CONTEXT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns about odd UIDs and quotes them
        accept.variable_items = [name, _user_information(max_pdu, roles)]
        pdu = bytearray(accept.encode())
    pdu[RESERVED] = request_pdu[RESERVED]  # PS3.8 table 9-17: sent back as received
    # pynetdicom takes 20 microseconds for each context, and a sender may propose 128 of them for a single instance.
    behind_the_name = VARIABLE_ITEMS + ITEM_HEADER.size + len(APPLICATION_CONTEXT)
    pdu[behind_the_name:behind_the_name] = b"".join(map(_context_item, contexts))
    pdu[LENGTH] = (len(pdu) - LENGTH.stop).to_bytes(4, "big")
    return bytes(pdu)


def _context_item(context: ContextResult) -> bytes:
    """Return the item of PS3.8 table 9-18, with the one sub-item of table 9-19."""
    syntax = context.transfer_syntax.encode("ascii")
    sub_item = ITEM_HEADER.pack(TRANSFER_SYNTAX, len(syntax)) + syntax
    result = bytes((context.context_id, 0, context.result, 0))
    return ITEM_HEADER.pack(CONTEXT_RESULT, len(result) + len(sub_item)) + result + sub_item


def _user_information(max_pdu: int, roles: Sequence[Role]) -> UserInformationItem:
    """Return our user information (PS3.7 D.3.3), without an asynchronous window: one request at a time."""
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
    role.scu_role, role.scp_role = int(is_scu), 0  # Hilum is always the SCP
    return role
