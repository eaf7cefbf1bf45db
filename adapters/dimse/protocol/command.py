"""Command sets (PS3.7 6.3, E): Implicit VR Little Endian, the few elements of group 0000 that Hilum needs.

Implemented here instead of with pynetdicom for speed: every C-STORE needs one decoding and one encoding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct

from gateway.contract.message import UID
from gateway.contract.records import record

ELEMENT = Struct("<HHL")
US = Struct("<H")
DATA_SET, NO_DATA_SET = 0x0001, 0x0101  # PS3.7 E.1: any value but 0101 announces a data set
MEDIUM = 0x0000  # PS3.7 9.1.1.1.6
RESPONSE = 0x8000
MAX_COMMENT = 64  # PS3.5 6.2: LO
FAILURES, WARNINGS = (0x01, 0x02, *range(0xA0, 0xB0), *range(0xC0, 0xD0)), (0x0107, 0x0116)  # PS3.7 C.2, C.3
PENDING = (0xFF00, 0xFF01)  # PS3.7 C.1.3, PS3.4 C.4.1.1.4


class CommandField(IntEnum):
    """The commands that Hilum distinguishes (PS3.7 table E.1-1)."""

    C_STORE_RQ = 0x0001
    C_FIND_RQ = 0x0020
    C_ECHO_RQ = 0x0030
    C_CANCEL_RQ = 0x0FFF


class Element(IntEnum):
    """Element numbers of group 0000 (PS3.7 table E.1-1)."""

    GROUP_LENGTH = 0x0000
    AFFECTED_SOP_CLASS_UID = 0x0002
    COMMAND_FIELD = 0x0100
    MESSAGE_ID = 0x0110
    MESSAGE_ID_BEING_RESPONDED_TO = 0x0120
    PRIORITY = 0x0700
    DATA_SET_TYPE = 0x0800
    STATUS = 0x0900
    ERROR_COMMENT = 0x0902
    AFFECTED_SOP_INSTANCE_UID = 0x1000


@record
class Request:
    """The elements of a peer's command set that Hilum needs."""

    field: int
    message_id: int
    has_data_set: bool
    sop_class_uid: str = ""
    """Empty if it is absent or not a valid UID."""
    sop_instance_uid: str = ""
    """Empty if it is absent or not a valid UID."""

    @property
    def is_response(self) -> bool:
        """Whether it is a response, which an acceptor never expects."""
        return bool(self.field & RESPONSE)


def decode_request(command_set: bytes) -> Request | None:
    """Return the request in *command_set*, or None if it cannot be decoded."""
    values = _decode_elements(command_set)
    field = _number(values, Element.COMMAND_FIELD)
    id_element = Element.MESSAGE_ID
    if field is not None and (field & RESPONSE or field == CommandField.C_CANCEL_RQ):
        id_element = Element.MESSAGE_ID_BEING_RESPONDED_TO
    message_id = _number(values, id_element)
    data_set_type = _number(values, Element.DATA_SET_TYPE)
    if field is None or message_id is None or data_set_type is None:
        return None
    return Request(
        field,
        message_id,
        data_set_type != NO_DATA_SET,
        _uid(values, Element.AFFECTED_SOP_CLASS_UID),
        _uid(values, Element.AFFECTED_SOP_INSTANCE_UID),
    )


def _decode_elements(command_set: bytes) -> dict[int, bytes]:
    """Return the values by element number; an empty dict if a length is wrong or an element is of another group."""
    values: dict[int, bytes] = {}
    offset, size = 0, len(command_set)
    while offset + ELEMENT.size <= size:
        group, element, length = ELEMENT.unpack_from(command_set, offset)
        offset += ELEMENT.size + length
        if group or offset > size:
            return {}
        values[element] = command_set[offset - length : offset]
    return values if offset == size else {}


def _number(values: Mapping[int, bytes], element: Element) -> int | None:
    value = values.get(element, b"")
    return int.from_bytes(value, "little") if len(value) == US.size else None


def _uid(values: dict[int, bytes], element: Element) -> str:
    text = values.get(element, b"").rstrip(b"\0 ").decode("ascii", "replace")
    return text if UID.fullmatch(text) else ""


@dataclass(frozen=True, slots=True)
class Response:
    """The peer's response to a request of ours."""

    message_id: int | None
    """Message ID of the request that it answers; None if it is missing or malformed."""
    status: int | None
    """None if it is missing or malformed."""
    comment: str = ""
    """Error Comment; characters that are not printable ASCII are replaced by `?`."""
    has_data_set: bool = False
    elements: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    """All values, by element number."""

    @property
    def answers(self) -> int | None:
        """The Command Field of the request that it answers (PS3.7 E.1); None if it is not a response."""
        field = _number(self.elements, Element.COMMAND_FIELD)
        return field & ~RESPONSE if field is not None and field & RESPONSE else None

    @property
    def is_failure(self) -> bool:
        """Whether the status is a failure: Axxx, Cxxx, and 01xx and 02xx except for the warnings (PS3.7 C.2)."""
        return self.status is not None and self.status >> 8 in FAILURES and self.status not in WARNINGS

    @property
    def is_final(self) -> bool:
        """Whether no other response to the same request follows (PS3.7 C.1.3)."""
        return self.status not in PENDING


def decode_response(command_set: bytes) -> Response:
    """Return the response in *command_set*. Never raises."""
    values = _decode_elements(command_set)
    return Response(
        _number(values, Element.MESSAGE_ID_BEING_RESPONDED_TO),
        _number(values, Element.STATUS),
        _visible(values.get(Element.ERROR_COMMENT, b"")),
        _number(values, Element.DATA_SET_TYPE) not in (None, NO_DATA_SET),
        values,
    )


def _visible(comment: bytes) -> str:
    text = comment[:MAX_COMMENT].decode("ascii", "replace").strip(" \0")
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)


def encode_request(
    command: CommandField,
    message_id: int,
    sop_class_uid: str,
    sop_instance_uid: str = "",
    *,
    has_data_set: bool = False,
) -> bytes:
    """Return the command set of a request (PS3.7 9.3); a C-STORE-RQ names the instance."""
    return _command_set(
        _text(Element.AFFECTED_SOP_CLASS_UID, sop_class_uid, b"\0"),
        _us(Element.COMMAND_FIELD, command),
        _us(Element.MESSAGE_ID, message_id),
        _us(Element.PRIORITY, MEDIUM) if has_data_set else b"",
        _us(Element.DATA_SET_TYPE, DATA_SET if has_data_set else NO_DATA_SET),
        _text(Element.AFFECTED_SOP_INSTANCE_UID, sop_instance_uid, b"\0"),
    )


def encode_response(request: Request, status: int, comment: str = "") -> bytes:
    """Return the command set that answers *request*; it echoes the message ID and the SOP UIDs (PS3.7 9.3)."""
    return _command_set(
        _text(Element.AFFECTED_SOP_CLASS_UID, request.sop_class_uid, b"\0"),
        _us(Element.COMMAND_FIELD, request.field | RESPONSE),
        _us(Element.MESSAGE_ID_BEING_RESPONDED_TO, request.message_id),
        _us(Element.DATA_SET_TYPE, NO_DATA_SET),
        _us(Element.STATUS, status),
        _text(Element.ERROR_COMMENT, _long_string(comment), b" "),
        _text(Element.AFFECTED_SOP_INSTANCE_UID, request.sop_instance_uid, b"\0"),
    )


def _command_set(*elements: bytes) -> bytes:
    body = b"".join(elements)
    return ELEMENT.pack(0, Element.GROUP_LENGTH, 4) + len(body).to_bytes(4, "little") + body


def _long_string(text: str) -> str:
    """Return *text* as PS3.5 6.2 allows it in LO: 64 characters, no control character, no backslash.

    Only the default repertoire (PS3.5 6.1.1) is allowed, because a command set has no Specific Character Set.
    """
    words = " ".join(text.split())
    return "".join(
        char if char.isascii() and char.isprintable() and char != "\\" else "?" for char in words[:MAX_COMMENT]
    )


def _us(element: Element, value: int) -> bytes:
    return ELEMENT.pack(0, element, US.size) + US.pack(value)


def _text(element: Element, text: str, padding: bytes) -> bytes:
    if not text:
        return b""
    value = text.encode("ascii")
    value += padding * (len(value) % 2)
    return ELEMENT.pack(0, element, len(value)) + value
