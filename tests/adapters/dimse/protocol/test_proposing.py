"""What a requestor says, as pynetdicom reads it, and what it reads of any answer."""

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
    """Only the contexts with result 0 may be used."""
    A_ASSOCIATE_AC().decode(ACCEPT)
    agreement = decode_agreement(ACCEPT)
    assert Agreement({1: 0, 3: 4, 5: 0}, 8192) == agreement
    assert frozenset({1, 5}) == agreement.contexts


@given(st.binary(max_size=120), st.integers(0, len(ACCEPT)))
def test_hostile_octets(noise: bytes, keep: int) -> None:
    """No octets raise."""
    decode_agreement(ACCEPT[:keep] + noise)
    decode_agreement(ACCEPT[:keep] + noise + ACCEPT[keep + len(noise) :])


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
