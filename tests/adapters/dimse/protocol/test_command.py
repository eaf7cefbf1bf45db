"""Command sets: what is read of a peer's, and what pynetdicom reads of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dimse.protocol.command import (
    ELEMENT,
    MAX_COMMENT,
    CommandField,
    Request,
    Response,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
)
from adapters.dimse.protocol.pdu import encode_command
from tests.adapters.dimse.raw_peer import CT, command_of, command_set, echo_rq, store_rq

STORE = command_set(e0002=CT, e0100=1, e0110=7, e0700=2, e0800=1, e1000="1.2.30")

READ: dict[str, tuple[bytes, Request | None]] = {
    "C-STORE-RQ": (STORE, Request(1, 7, True, CT, "1.2.30")),
    "C-ECHO-RQ": (command_set(e0002="1.2", e0100=0x30, e0110=9, e0800=0x101), Request(0x30, 9, False, "1.2")),
    "a C-CANCEL-RQ names the request": (command_set(e0100=0xFFF, e0120=5, e0800=0x101), Request(0xFFF, 5, False)),
    "a response does so too": (command_set(e0100=0x8001, e0120=5, e0800=0x101, e0900=0), Request(0x8001, 5, False)),
    "an operation nobody knows": (command_set(e0100=0x777, e0110=5, e0800=0x101), Request(0x777, 5, False)),
    "a UID padded with a space": (command_set(e0100=1, e0110=1, e0800=1, e1000="1.2 "), Request(1, 1, True, "", "1.2")),
    "a UID with letters": (command_set(e0100=1, e0110=1, e0800=1, e1000="DOE^JOHN"), Request(1, 1, True)),
    "a UID of 65 characters": (command_set(e0100=1, e0110=1, e0800=1, e1000="1" * 65), Request(1, 1, True)),
    "without a group length": (STORE[12:], Request(1, 7, True, CT, "1.2.30")),
    "nothing": (b"", None),
    "without a command field": (command_set(e0110=7, e0800=1), None),
    "without a message ID": (command_set(e0100=1, e0800=1), None),
    "without a data set type": (command_set(e0100=1, e0110=7), None),
    "a value longer than the rest": (STORE[:-1], None),
    "an element of another group": (STORE + b"\x08\0\0\0\0\0\0\0", None),
    "a few octets too many": (STORE + b"\0\0", None),
    "a command field of four octets": (command_set(e0100="1234", e0110=7, e0800=1), None),
}


UIDS = {
    "1.2.840.10008.1.1": True,
    "2": True,
    "0.01.002": True,
    "1" * 64: True,
    "1" * 65: False,
    "..": False,
    ".": False,
    "1..2": False,
    ".1": False,
    "1.2.": False,
    "1.2/..": False,
    "%2e%2e": False,
    "1.2\n": False,
    "1\\2": False,
}
"""Values of Affected SOP Instance UID, and whether each is one."""


@pytest.mark.parametrize(("value", "is_uid"), UIDS.items())
def test_uid(value: str, is_uid: bool) -> None:
    """A UID has components, and none of them is empty: nothing else may become a part of an address."""
    request = decode_request(command_set(e0100=1, e0110=1, e0800=1, e1000=value))
    assert request is not None
    assert (value if is_uid else "") == request.sop_instance_uid


@pytest.mark.parametrize(("octets", "request_"), READ.values(), ids=READ)
def test_decode(octets: bytes, request_: Request | None) -> None:
    """What is no command set is None, what is no UID is empty."""
    assert request_ == decode_request(octets)


@given(st.binary(max_size=200), st.integers(0, len(STORE)))
def test_hostile_octets(noise: bytes, keep: int) -> None:
    """No octets raise."""
    decode_request(noise)
    decode_request(STORE[:keep] + noise)


@pytest.mark.parametrize("wire", [store_rq(b"xx", message_id=77), echo_rq(message_id=77)], ids=["store", "echo"])
def test_decode_what_pynetdicom_sends(wire: bytes) -> None:
    """A request as pynetdicom writes it is read."""
    length = int.from_bytes(wire[2:6], "big")
    request = decode_request(wire[12 : 6 + length])
    assert request is not None
    assert 77 == request.message_id


def test_response_as_pynetdicom_reads_it() -> None:
    """A response echoes message ID and UIDs, and says why."""
    request = Request(1, 7, True, CT, "1.2.30")
    command = command_of(encode_command(3, encode_response(request, 0xA700, "store does not answer"), 0))
    assert len(encode_response(request, 0xA700, "store does not answer")) - 12 == command.CommandGroupLength
    assert (0x8001, 7, 0x0101) == (
        command.CommandField,
        command.MessageIDBeingRespondedTo,
        command.CommandDataSetType,
    )
    assert (CT, "1.2.30") == (command.AffectedSOPClassUID, command.AffectedSOPInstanceUID)
    assert (0xA700, "store does not answer") == (command.Status, command.ErrorComment)


COMMENTS = {
    "plain": ("the store refused it: 0xC122", "the store refused it: 0xC122"),
    "long": ("x" * 65, "x" * 64),
    "long, behind line ends": ("a\r\n\r\n" + "x" * 70, "a " + "x" * 62),
    "a backslash would be two values": ("C:\\store", "C:?store"),
    "no character of the default repertoire": ("Gr\u00f6\u00dfe \U0001f600", "Gr??e ?"),
    "control characters": ("a\tb\x1b[31mc\0", "a b?[31mc?"),
    "blanks only": (" \n ", ""),
}


@pytest.mark.parametrize(("reason", "comment"), COMMENTS.values(), ids=COMMENTS)
def test_comment(reason: str, comment: str) -> None:
    """A reason becomes an Error Comment that says as much of it as an LO can hold."""
    command = command_of(encode_command(1, encode_response(Request(1, 1, True), 0xC000, reason), 0))
    assert comment == (command.get("ErrorComment") or "")


@given(st.text(max_size=200))
def test_comment_is_a_long_string(comment: str) -> None:
    """Whatever the reason says, the Error Comment is a valid LO of 64 characters at most."""
    command = command_of(encode_command(1, encode_response(Request(1, 1, True), 0xC000, comment), 0))
    value = command.get("ErrorComment", "") or ""
    assert value.isascii()
    assert MAX_COMMENT >= len(value)
    assert "\\" not in value


@pytest.mark.parametrize("field", [CommandField.C_STORE_RQ, CommandField.C_ECHO_RQ])
def test_request_as_pynetdicom_reads_it(field: CommandField) -> None:
    """A request names SOP class and instance, and a C-STORE-RQ alone has a priority and announces a data set."""
    uid = "1.2.30" if field is CommandField.C_STORE_RQ else ""
    command = command_of(encode_command(3, encode_request(field, 7, CT, uid, has_data_set=bool(uid)), 0))
    assert (field, 7, CT, uid) == (
        command.CommandField,
        command.MessageID,
        command.AffectedSOPClassUID,
        command.get("AffectedSOPInstanceUID", ""),
    )
    assert (bool(uid), bool(uid)) == (command.CommandDataSetType != 0x0101, "Priority" in command)


def test_decode_response() -> None:
    """Which request was answered, and how; what is no command set answers none."""
    response = decode_response(command_set(e0100=0x8001, e0120=7, e0800=0x101, e0900=0xA700))
    assert (7, 0xA700, "", False) == (response.message_id, response.status, response.comment, response.has_data_set)
    assert Response(None, None) == decode_response(b"??")


FINAL = {0x0000: True, 0xA700: True, 0xB000: True, 0xFE00: True, 0xFF00: False, 0xFF01: False}


FAILURE = {0x0000: False, 0x0001: False, 0x0107: False, 0x0116: False, 0xB000: False, 0xFF00: False, 0xFE00: False}
FAILURE |= {0x0110: True, 0x0211: True, 0xA700: True, 0xA900: True, 0xC123: True}


@pytest.mark.parametrize(("status", "is_failure"), FAILURE.items())
def test_failure(status: int, is_failure: bool) -> None:
    """A status of failure is told from success, warning, pending and cancel."""
    assert is_failure == Response(1, status).is_failure


@pytest.mark.parametrize(("status", "is_final"), FINAL.items())
def test_final_response(status: int, is_final: bool) -> None:
    """Behind a status that is pending another response follows."""
    assert is_final == Response(1, status).is_final


@pytest.mark.parametrize(
    ("octets", "comment"), [(b"out of memory ", "out of memory"), (b"\x1b[2J\xff", "?[2J?"), (b"x" * 99, "x" * 64)]
)
def test_error_comment(octets: bytes, comment: str) -> None:
    """What a peer says is read as far as it may be printed."""
    octets += b" " * (len(octets) % 2)
    element = ELEMENT.pack(0, 0x0902, len(octets)) + octets
    assert comment == decode_response(command_set(e0100=0x8001, e0120=7, e0900=0xA700) + element).comment


def test_nothing_to_echo() -> None:
    """UIDs and comment that are empty are left out."""
    command = command_of(encode_command(1, encode_response(Request(0x30, 1, False), 0), 0))
    assert ["CommandGroupLength", "CommandField", "MessageIDBeingRespondedTo", "CommandDataSetType", "Status"] == [
        element.keyword for element in command
    ]
