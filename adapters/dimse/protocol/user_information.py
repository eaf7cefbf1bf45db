"""User information (PS3.7 D.3.3): the two items that Hilum uses, and the names of items that are malformed.

Only maximum length and roles are used. All other items are only checked, and malformed ones are named in the log: they
are no reason to refuse the peer. Items of an unknown type are ignored silently (PS3.8 9.3.1).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.dimse.protocol.items import items_in

MAXIMUM_LENGTH, ROLE_SELECTION = 0x51, 0x54
UID = re.compile(rb"[0-9.]{1,64}")  # PS3.5 9.1
VERSION_NAME = re.compile(rb"[ -~]{1,16}")  # PS3.7 D.3.3.2.3
Role = tuple[str, bool]
"""SOP class UID, and whether the requestor is to be its SCU (PS3.7 D.3.3.4)."""


@dataclass(frozen=True, slots=True)
class UserInformation:
    """What a peer says of itself."""

    max_pdu: int = 0
    """The longest P-DATA-TF that the peer accepts; 0 is no limit."""
    roles: tuple[Role, ...] = ()
    odd_items: tuple[str, ...] = ()
    """Names of the items that do not conform to the standard; their values are not used."""


def decode_user_information(content: bytes) -> UserInformation:
    """Decode the sub-items in *content*. Never raises."""
    max_pdu: int | None = None
    roles: list[Role] = []
    odd: dict[str, None] = {}  # each name once, in the order of the items
    for kind, start, end in items_in(content, 0, len(content)):
        value = content[start:end]
        name, is_sound = KNOWN.get(kind, ("", _is_any))
        if not is_sound(value):
            odd[name] = None
        elif kind == MAXIMUM_LENGTH and max_pdu is None:
            max_pdu = int.from_bytes(value, "big")
        elif kind == ROLE_SELECTION:
            roles.append((value[2:-2].decode("ascii", "replace").rstrip(" \0"), bool(value[-2])))
    return UserInformation(max_pdu or 0, tuple(roles), tuple(odd))


def _is_any(_: bytes) -> bool:
    return True


def _is_long(value: bytes) -> bool:
    return len(value) == 4


def _is_role(value: bytes) -> bool:
    return len(value) == 4 + _number(value, 0)  # the length, the UID, and an octet for each role


def _begins_with_uid(value: bytes) -> bool:
    return 2 < 2 + _number(value, 0) <= len(value)


def _is_common(value: bytes) -> bool:
    service = 2 + _number(value, 0)
    related = service + 2 + _number(value, service)
    return 2 < service < related <= len(value) - 2 and related + 2 + _number(value, related) <= len(value)


def _is_identity(value: bytes) -> bool:
    primary = 4 + _number(value, 2)
    return 4 <= primary <= len(value) - 2 and primary + 2 + _number(value, primary) == len(value)


def _number(value: bytes, at: int) -> int:
    return int.from_bytes(value[at : at + 2], "big")


# The item types of PS3.7 D.3.3, each with its name and a check of its value.
KNOWN: Mapping[int, tuple[str, Callable[[bytes], object]]] = {
    MAXIMUM_LENGTH: ("maximum_length", _is_long),
    0x52: ("implementation_class_uid", UID.fullmatch),
    0x53: ("asynchronous_operations_window", _is_long),
    ROLE_SELECTION: ("role_selection", _is_role),
    0x55: ("implementation_version_name", VERSION_NAME.fullmatch),
    0x56: ("sop_class_extended_negotiation", _begins_with_uid),
    0x57: ("sop_class_common_extended_negotiation", _is_common),
    0x58: ("user_identity", _is_identity),
}
