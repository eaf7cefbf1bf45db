"""Negotiation: every A-ASSOCIATE-RQ is refused, or gets an answer that another implementation reads."""

import struct
import warnings

from pynetdicom.pdu import A_ASSOCIATE_AC

from adapters.dimse.protocol.associate import Proposal, decode_proposal, encode_accept
from adapters.dimse.protocol.negotiation import Policy, Refusal, negotiate
from adapters.dimse.protocol.pdu import PDU_HEADER
from adapters.dimse.protocol.proposing import decode_agreement
from tests.fuzz.source import Source

POLICIES = (
    Policy(),
    Policy(called_ae_titles={"HILUM"}, calling_ae_titles={"CT1"}),
    Policy(sop_classes={"1.2.840.10008.5.1.4.1.1.2"}, transfer_syntaxes={"1.2.840.10008.1.2.1"}),
)
PROPOSED = {1: ("1.2.840.10008.1.1", "1.2.840.10008.1.2")}


def target(data: bytes) -> None:
    """Read the octets as what follows the length of an A-ASSOCIATE-RQ."""
    source = Source(data)
    policy = source.choice(POLICIES)
    body = source.rest().ljust(68, b"\0")
    request = PDU_HEADER.pack(1, len(body)) + body
    assert decode_agreement(request, PROPOSED).contexts <= set(PROPOSED)  # the answer has the same form
    proposal = decode_proposal(request)
    if proposal is not None:
        _answer(request, proposal, policy)


def _answer(request: bytes, proposal: Proposal, policy: Policy) -> None:
    assert proposal.calling_ae_title.isprintable()
    assert proposal.called_ae_title.isprintable()
    reply = negotiate(proposal, policy)
    if isinstance(reply, Refusal):
        return
    assert len(reply.results) == len(proposal.contexts)
    accept = encode_accept(request, reply.results, policy.max_pdu, reply.roles)
    assert struct.unpack_from(">L", accept, 2)[0] == len(accept) - 6
    decoded = A_ASSOCIATE_AC()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        decoded.decode(accept)
        contexts = decoded.presentation_context
    assert [result.context_id for result in reply.results] == [each.context_id for each in contexts]
