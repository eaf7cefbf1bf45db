"""A-ASSOCIATE PDUs: what is read of pynetdicom's, and what pynetdicom reads of ours."""

import dataclasses
import struct
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SCP_SCU_RoleSelectionNegotiation,
    UserIdentityNegotiation,
)

from adapters.dimse.protocol.associate import (
    ContextResult,
    Proposal,
    ProposedContext,
    decode_proposal,
    decode_titles,
    encode_accept,
)
from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, IMPLICIT, VERIFICATION, associate_rq

PLAIN = associate_rq(called="HILUM", calling="CT 1", max_pdu=8192)


def with_item(pdu: bytes, item_type: int, value: bytes) -> bytes:
    """Return *pdu* with one more item at its end."""
    longer = pdu + struct.pack(">BxH", item_type, len(value)) + value
    return longer[:2] + struct.pack(">L", len(longer) - 6) + longer[6:]


def test_proposal() -> None:
    """Titles come without padding, contexts in their order."""
    assert Proposal(
        "HILUM",
        "CT 1",
        (ProposedContext(1, VERIFICATION, (IMPLICIT,)), ProposedContext(3, CT, (EXPLICIT, IMPLICIT))),
        max_pdu=8192,
    ) == decode_proposal(PLAIN)


def test_roles() -> None:
    """Role selection is read; other negotiations are read over."""
    role = SCP_SCU_RoleSelectionNegotiation()
    role.sop_class_uid, role.scu_role, role.scp_role = CT, True, True
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = 5
    identity = UserIdentityNegotiation()
    identity.user_identity_type, identity.primary_field = 1, b"someone"
    proposal = decode_proposal(associate_rq(extra=[window, role, identity]))
    assert proposal is not None
    assert ((CT, True),) == proposal.roles


UIDS = st.from_regex(r"[0-9.]{1,64}", fullmatch=True)


@given(st.lists(st.tuples(UIDS, st.lists(UIDS, max_size=4)), max_size=128))
def test_contexts_as_pynetdicom_reads_them(contexts: list[tuple[str, list[str]]]) -> None:
    """What is decoded here is what pynetdicom decodes."""
    pdu = PLAIN[:74] + b"".join(
        item(0x20, bytes((2 * number + 1, 0, 0, 0)) + item(0x30, uid.encode()) + b"".join(syntaxes(each)))
        for number, (uid, each) in enumerate(contexts)
    )
    pdu = pdu[:2] + struct.pack(">L", len(pdu) - 6) + pdu[6:]
    proposal, reference = decode_proposal(pdu), A_ASSOCIATE_RQ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference.decode(pdu)
        expected = [
            (each.context_id, each.abstract_syntax, each.transfer_syntax) for each in reference.presentation_context
        ]
    assert proposal is not None
    assert expected == [
        (each.context_id, each.abstract_syntax, [*each.transfer_syntaxes]) for each in proposal.contexts
    ]


def item(kind: int, value: bytes) -> bytes:
    """Return an item or sub-item."""
    return struct.pack(">BxH", kind, len(value)) + value


def syntaxes(uids: list[str]) -> Iterator[bytes]:
    """Yield transfer syntax sub-items."""
    return (item(0x40, uid.encode()) for uid in uids)


CONTEXTS: dict[str, tuple[bytes, ProposedContext | None]] = {
    "padded": (b"\1\0\0\0" + item(0x30, b"1.2\0") + item(0x40, b"1.3 "), ProposedContext(1, "1.2", ("1.3",))),
    "a sub-item nobody knows": (b"\1\0\0\0" + item(0x77, b"?") + item(0x30, b"1.2"), ProposedContext(1, "1.2", ())),
    "no abstract syntax": (b"\1\0\0\0" + item(0x40, b"1.3"), ProposedContext(1, "", ("1.3",))),
    "a UID too long": (b"\1\0\0\0" + item(0x30, b"1." + b"2" * 64), ProposedContext(1, "", ())),
    "a UID not ASCII": (b"\1\0\0\0" + item(0x30, b"1.2\xff") + item(0x40, b"1.3"), ProposedContext(1, "", ("1.3",))),
    "one of two syntaxes that is none": (
        b"\1\0\0\0" + item(0x30, b"1.2") + item(0x40, b"\xff") + item(0x40, b"1.3"),
        ProposedContext(1, "1.2", ("1.3",)),
    ),
    "a sub-item that lies": (b"\1\0\0\0\x30\0\0\xff1.2", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("value", "context"), CONTEXTS.values(), ids=CONTEXTS)
def test_odd_contexts(value: bytes, context: ProposedContext | None) -> None:
    """An invalid UID affects only its context; a wrong length makes the request invalid."""
    proposal = decode_proposal(with_item(PLAIN, 0x20, value))
    assert context == (proposal and proposal.contexts[-1])


def test_unknown_items_are_ignored() -> None:
    """PS3.8 9.3.1: items of unrecognized types shall be ignored."""
    assert decode_proposal(PLAIN) == decode_proposal(with_item(PLAIN, 0x77, b"future"))


def test_titles_that_are_none() -> None:
    """Titles that no standard allows are still read, so that they can be rejected by name."""
    pdu = PLAIN[:10] + b"\xff\\\n".ljust(16) + b" " * 16 + PLAIN[42:]
    proposal = decode_proposal(pdu)
    assert proposal is not None
    assert ("?\\?", "") == (proposal.called_ae_title, proposal.calling_ae_title)


TITLES = {
    "padded with blanks": (b"CT 1            ", "CT 1"),
    "blanks in front": (b"  CT 1          ", "CT 1"),
    "ended by a NUL": (b"CT 1\0           ", "CT 1"),
    "padded with NULs": (b"CT 1".ljust(16, b"\0"), "CT 1"),
    "rubbish behind the NUL": (b"CT 1\0\xde\xad\xbe\xefOLDTITL", "CT 1"),
    "another title behind the NUL": (b"CT 1\0HILUM\0\0\0\0\0\0", "CT 1"),
    "a blank before the NUL": (b"CT 1 \0xxxxxxxxxx", "CT 1"),
    "a NUL at once": (b"\0CT 1           ", ""),
    "all sixteen": (b"ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"),
}


@pytest.mark.parametrize(("octets", "title"), TITLES.values(), ids=TITLES)
def test_title_ends_at_its_first_nul(octets: bytes, title: str) -> None:
    """Called and calling title end at the first NUL, whatever the sender's buffer held before."""
    pdu = PLAIN[:10] + octets * 2 + PLAIN[42:]
    proposal = decode_proposal(pdu)
    assert proposal is not None
    assert (title, title) == (proposal.called_ae_title, proposal.calling_ae_title)
    assert (title, title) == decode_titles(pdu)


def test_odd_items_are_named() -> None:
    """Malformed user information is named, and the rest of the request is decoded as without it."""
    information = item(0x51, b"\0\0\x20\0") + item(0x55, b"A_VERSION_NAME_OF_24_CHR")
    proposal = decode_proposal(with_item(PLAIN[: PLAIN.index(b"\x50\0\0")], 0x50, information))
    plain = decode_proposal(PLAIN)
    assert plain is not None
    assert dataclasses.replace(plain, odd_items=("implementation_version_name",)) == proposal


def test_odd_uids_do_not_warn() -> None:
    """A UID against the rules is read, without pydicom's warning, which would quote it."""
    pdu = associate_rq().replace(CT.encode(), b"1.2.840.10008.5.1.4.01.1.")
    proposal = decode_proposal(pdu)
    assert proposal is not None
    assert "1.2.840.10008.5.1.4.01.1." == proposal.contexts[1].abstract_syntax


@given(st.binary(max_size=120), st.integers(74, len(PLAIN)))
def test_hostile_octets(noise: bytes, keep: int) -> None:
    """No octets raise."""
    decode_proposal(PLAIN[:keep] + noise)
    decode_proposal(PLAIN[:keep] + noise + PLAIN[keep + len(noise) :])


def test_an_item_that_lies() -> None:
    """An item that is longer than its PDU makes the request invalid."""
    assert None is decode_proposal(PLAIN[:-1])
    assert None is decode_proposal(PLAIN[:76] + b"\xff\xff" + PLAIN[78:])


@pytest.mark.parametrize("depth", [1, 2, 5000])
def test_user_information_within_user_information(depth: int) -> None:
    """It is an unknown item there, and however deep it is nested nothing raises."""
    inner = b""
    for _ in range(depth):
        inner = struct.pack(">BxH", 0x50, len(inner)) + inner
    assert decode_proposal(with_item(PLAIN, 0x50, inner)) is not None


def test_accept_as_pynetdicom_reads_it() -> None:
    """The answer holds every context's result, our length and name, and no asynchronous window."""
    results = [ContextResult(1, 0, IMPLICIT), ContextResult(3, 4, EXPLICIT)]
    wire = encode_accept(PLAIN, results, 131072, [(CT, True)])
    accept = A_ASSOCIATE_AC()
    accept.decode(wire)
    assert [(1, 0, IMPLICIT), (3, 4, EXPLICIT)] == [
        (item.context_id, item.result, item.transfer_syntax) for item in accept.presentation_context
    ]
    user = accept.user_information
    assert user is not None
    assert (131072, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME) == (
        user.maximum_length,
        user.implementation_class_uid,
        user.implementation_version_name,
    )
    assert None is user.async_ops_window
    assert (1, 0) == (user.role_selection[UID(CT)].scu_role, user.role_selection[UID(CT)].scp_role)


@pytest.mark.parametrize("count", [0, 1, 128])
def test_accept_as_pynetdicom_writes_it(count: int) -> None:
    """The octets are those that pynetdicom makes of the same values."""
    results = [ContextResult(2 * at + 1 & 0xFF, at % 5, (IMPLICIT, EXPLICIT, "1.2.3")[at % 3]) for at in range(count)]
    wire = encode_accept(PLAIN, results, 16384, [])
    accept = A_ASSOCIATE_AC()
    accept.decode(wire)
    assert count == len(accept.presentation_context)
    assert wire == accept.encode()


def test_accept_sends_the_reserved_fields_back() -> None:
    """PS3.8 table 9-17: titles and reserved octets as received."""
    request = PLAIN[:42] + bytes(range(32)) + PLAIN[74:]
    assert request[10:74] == encode_accept(request, [], 0, [])[10:74]
