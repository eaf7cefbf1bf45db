"""User information: what is needed is taken, what is odd is named, and nothing raises."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dimse.protocol.user_information import UserInformation, decode_user_information
from tests.adapters.dimse.raw_peer import CT

LENGTH, CLASS_UID, WINDOW, ROLE, VERSION, EXTENDED, COMMON, IDENTITY = range(0x51, 0x59)


def item(kind: int, value: bytes, length: int | None = None) -> bytes:
    """Return a sub-item, which may lie about its length."""
    return struct.pack(">BxH", kind, len(value) if length is None else length) + value


def text(value: bytes) -> bytes:
    """Return *value* behind its length."""
    return struct.pack(">H", len(value)) + value


NEEDED = item(LENGTH, b"\0\0\x20\0") + item(ROLE, text(CT.encode()) + b"\1\0")
SOUND = UserInformation(8192, ((CT, True),))

# An informational item of each kind as the standard has it, and in every shape that peers were seen to send.
ITEMS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "class UID": (item(CLASS_UID, b"1.2.3"), ()),
    "class UID over 64": (item(CLASS_UID, b"1." + b"2" * 63), ("implementation_class_uid",)),
    "class UID padded": (item(CLASS_UID, b"1.2\0"), ("implementation_class_uid",)),
    "class UID that is none": (item(CLASS_UID, b"\xff\xfe"), ("implementation_class_uid",)),
    "class UID empty": (item(CLASS_UID, b""), ("implementation_class_uid",)),
    "version name": (item(VERSION, b"OFFIS_DCMTK_367"), ()),
    "version name over 16": (item(VERSION, b"A_VERSION_NAME_OF_24_CHR"), ("implementation_version_name",)),
    "version name of 64 KiB": (item(VERSION, b"x" * 65000), ("implementation_version_name",)),
    "version name not ASCII": (item(VERSION, "Röntgen 1".encode()), ("implementation_version_name",)),
    "version name padded with NUL": (item(VERSION, b"CT_1".ljust(16, b"\0")), ("implementation_version_name",)),
    "version name with a line end": (item(VERSION, b"CT\n1"), ("implementation_version_name",)),
    "version name empty": (item(VERSION, b""), ("implementation_version_name",)),
    "window": (item(WINDOW, b"\0\5\0\1"), ()),
    "window of two octets": (item(WINDOW, b"\0\5"), ("asynchronous_operations_window",)),
    "window of six octets": (item(WINDOW, bytes(6)), ("asynchronous_operations_window",)),
    "extended negotiation": (item(EXTENDED, text(b"1.2") + b"\1\1"), ()),
    "extended negotiation, UID too long": (item(EXTENDED, b"\xff\xff1.2"), ("sop_class_extended_negotiation",)),
    "extended negotiation without a UID": (item(EXTENDED, b"\0\0\1"), ("sop_class_extended_negotiation",)),
    "common extended": (item(COMMON, text(b"1.2") + text(b"1.3") + text(text(b"1.4"))), ()),
    "common extended, cut": (item(COMMON, text(b"1.2")), ("sop_class_common_extended_negotiation",)),
    "common extended, lying": (item(COMMON, b"\0\3abc\xff"), ("sop_class_common_extended_negotiation",)),
    "identity": (item(IDENTITY, b"\2\1" + text(b"user") + text(b"secret")), ()),
    "identity, cut": (item(IDENTITY, b"\2\0\xff\xffx"), ("user_identity",)),
    "identity, empty": (item(IDENTITY, b""), ("user_identity",)),
    "identity of an unknown kind": (item(IDENTITY, b"\x63\0" + text(b"") + text(b"")), ()),
    "a type nobody knows": (item(0x77, b"future"), ()),
    "user information within itself": (item(0x50, item(0x50, b"")), ()),
    "a second maximum length": (item(LENGTH, b"\0\0\0\1"), ()),
    "maximum length of two octets": (item(LENGTH, b"\1\0"), ("maximum_length",)),
    "role with a lying length": (item(ROLE, b"\xff\xff1.2\1\1"), ("role_selection",)),
    "role without its flags": (item(ROLE, text(b"1.2")), ("role_selection",)),
    "role of one octet": (item(ROLE, b"\0"), ("role_selection",)),
    "the last item longer than what it is in": (item(WINDOW, b"xx", 400), ("asynchronous_operations_window",)),
    "a header cut off": (b"\x55\0", ()),
    "two, and one of them twice": (
        item(WINDOW, b"") + item(CLASS_UID, b"") + item(WINDOW, b""),
        ("asynchronous_operations_window", "implementation_class_uid"),
    ),
}


@pytest.mark.parametrize(("odd", "names"), ITEMS.values(), ids=ITEMS)
def test_informational_items(odd: bytes, names: tuple[str, ...]) -> None:
    """Whatever stands beside the length and the roles, both are read, and what is odd is named."""
    assert UserInformation(SOUND.max_pdu, SOUND.roles, names) == decode_user_information(NEEDED + odd)


IN_FRONT = {name: case for name, case in ITEMS.items() if name.startswith(("class", "version", "window", "identity"))}


@pytest.mark.parametrize(("odd", "names"), IN_FRONT.values(), ids=IN_FRONT)
def test_in_front(odd: bytes, names: tuple[str, ...]) -> None:
    """A malformed item does not affect the items after it, as long as its length is right."""
    assert UserInformation(SOUND.max_pdu, SOUND.roles, names) == decode_user_information(odd + NEEDED)


def test_nothing() -> None:
    """Without any item any length is taken."""
    assert UserInformation() == decode_user_information(b"")


def test_padded_role() -> None:
    """A UID that is padded names the same SOP class."""
    assert ((CT, False),) == decode_user_information(item(ROLE, text(CT.encode() + b"\0") + b"\0\1")).roles


@given(st.binary(max_size=200), st.integers(0, len(NEEDED)))
def test_hostile_octets(noise: bytes, keep: int) -> None:
    """No octets raise, and every name is one of ours."""
    for content in (noise, NEEDED[:keep] + noise, NEEDED + noise):
        assert all(name.replace("_", "").isalpha() for name in decode_user_information(content).odd_items)
