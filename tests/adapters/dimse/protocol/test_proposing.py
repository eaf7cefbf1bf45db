"""What a requestor says, as pynetdicom reads it, and what it reads of any answer."""

import struct
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ, P_DATA_TF

from adapters.dimse.protocol.associate import ContextResult, encode_accept
from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from adapters.dimse.protocol.proposing import (
    MAX_PDU,
    Agreement,
    Proposed,
    Violation,
    decode_agreement,
    encode_data,
    encode_proposal,
    room_in,
)
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, IMPLICIT, VERIFICATION

CONTEXTS = {1: (VERIFICATION, IMPLICIT), 3: (CT, EXPLICIT), 255: (CT, IMPLICIT)}
PROPOSAL = encode_proposal(Proposed("CALLED", "CALLING", CONTEXTS))
ACCEPT = encode_accept(
    PROPOSAL, [ContextResult(1, 0, IMPLICIT), ContextResult(3, 4, EXPLICIT), ContextResult(5, 0, IMPLICIT)], 8192, []
)


def test_proposal_as_pynetdicom_reads_it() -> None:
    """Titles, contexts, our length and name are there; no asynchronous window is proposed."""
    request = A_ASSOCIATE_RQ()
    request.decode(PROPOSAL)
    assert ("CALLED", "CALLING") == (request.called_ae_title.strip(), request.calling_ae_title.strip())
    assert CONTEXTS == {
        each.context_id: (each.abstract_syntax, each.transfer_syntax[0]) for each in request.presentation_context
    }
    user = request.user_information
    assert user is not None
    assert (MAX_PDU, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, None) == (
        user.maximum_length,
        user.implementation_class_uid,
        user.implementation_version_name,
        user.async_ops_window,
    )


def test_agreement() -> None:
    """Only the contexts with result 0 may be used, and only those that were proposed."""
    A_ASSOCIATE_AC().decode(ACCEPT)
    agreement = decode_agreement(ACCEPT, CONTEXTS)
    assert Agreement({1: 0, 3: 4}, 8192) == agreement
    assert frozenset({1}) == agreement.contexts


def context(number: int, result: int, *syntaxes: str) -> bytes:
    """Return a presentation context item of an A-ASSOCIATE-AC."""
    chosen = b"".join(struct.pack(">BxH", 0x40, len(each)) + each.encode() for each in syntaxes)
    return struct.pack(">BxHBxBx", 0x21, 4 + len(chosen), number, result) + chosen


OTHER, TWICE = Violation.TRANSFER_SYNTAX, Violation.CONTRADICTION
ANSWERED: dict[str, tuple[bytes, Mapping[int, int | Violation]]] = {
    "as proposed": (context(3, 0, EXPLICIT), {3: 0}),
    "as proposed, padded": (context(3, 0, EXPLICIT + "\0"), {3: 0}),
    "with another transfer syntax": (context(3, 0, IMPLICIT), {3: OTHER}),
    "with that of another context": (
        context(1, 0, EXPLICIT) + context(3, 0, EXPLICIT),
        {1: OTHER, 3: 0},
    ),
    "with two transfer syntaxes": (context(3, 0, EXPLICIT, IMPLICIT), {3: OTHER}),
    "without a transfer syntax": (context(3, 0), {3: OTHER}),
    "with a part of the transfer syntax": (context(3, 0, EXPLICIT[:-2]), {3: OTHER}),
    "refused with another transfer syntax": (context(3, 4, IMPLICIT), {3: 4}),
    "not proposed": (context(7, 0, IMPLICIT) + context(0, 0, IMPLICIT), {}),
    "twice the same": (context(3, 0, EXPLICIT) * 2, {3: 0}),
    "accepted, then refused": (context(3, 0, EXPLICIT) + context(3, 1), {3: TWICE}),
    "refused, then accepted": (context(3, 3) + context(3, 0, EXPLICIT), {3: TWICE}),
    "refused, accepted, refused": (
        context(3, 3) + context(3, 0, EXPLICIT) + context(3, 3),
        {3: TWICE},
    ),
    "cut": (context(3, 0, EXPLICIT)[:-3], {3: OTHER}),
}


@pytest.mark.parametrize(("items", "results"), ANSWERED.values(), ids=ANSWERED)
def test_contexts_in_the_answer(items: bytes, results: Mapping[int, int | Violation]) -> None:
    """A context may be used only if it was proposed and is answered once, with the transfer syntax proposed for it."""
    agreement = decode_agreement(bytes(74) + items, CONTEXTS)
    assert results == agreement.results
    assert {number for number, result in results.items() if result == 0} == agreement.contexts


@pytest.mark.parametrize(("max_pdu", "has_room"), [(0, True), (1, False), (6, False), (7, True), (2**32 - 1, True)])
def test_room_for_a_message(max_pdu: int, has_room: bool) -> None:
    """A limit of the peer that does not allow one octet of a message is recognised; 0 is no limit."""
    assert has_room is Agreement({1: 0}, max_pdu).has_room


@given(st.binary(max_size=120), st.integers(0, len(ACCEPT)))
def test_hostile_octets(noise: bytes, keep: int) -> None:
    """No octets raise."""
    decode_agreement(ACCEPT[:keep] + noise, CONTEXTS)
    decode_agreement(ACCEPT[:keep] + noise + ACCEPT[keep + len(noise) :], CONTEXTS)


ROOMS = [(0, 131066), (1 << 24, 131066), (16384, 16378), (16385, 16378), (1037, 1030), (9, 2), (8, 2), (7, 1), (1, 1)]


@pytest.mark.parametrize(("max_pdu", "room"), ROOMS)
def test_room(max_pdu: int, room: int) -> None:
    """A PDU is no longer than the peer takes, nor than is sensible, and its fragment has an even length."""
    assert room == room_in(max_pdu)


@given(st.binary(max_size=40), st.integers(1, 50), st.booleans())
def test_data_as_pynetdicom_reads_it(octets: bytes, room: int, is_end: bool) -> None:
    """Pieces come in order, and only the last one of the last call says that it is the last."""
    wire, values = encode_data(3, octets, room, is_end=is_end), []
    while wire:
        length = 6 + int.from_bytes(wire[2:6], "big")
        pdu = P_DATA_TF()
        pdu.decode(wire[:length])
        values += [item.presentation_data_value or b"" for item in pdu.presentation_data_value_items]
        wire = wire[length:]
    assert octets == b"".join(value[1:] for value in values)
    assert room >= max(len(value) - 1 for value in values)
    assert [0] * (len(values) - 1) + [2 if is_end else 0] == [value[0] for value in values]
