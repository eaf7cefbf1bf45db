"""What is remembered of an association."""

from dataclasses import replace
from typing import cast

import pytest

from adapters.dimse.instance import Instance
from adapters.dimse.peer_policy import PeerPolicies, PeerPolicy
from adapters.dimse.protocol.associate import Proposal, ProposedContext
from adapters.dimse.protocol.association import Accepted, Ended, Ending, Rejected
from adapters.dimse.protocol.negotiation import Acceptance, Refusal, negotiate
from adapters.dimse.protocol.statuses import OUR_FAULT
from adapters.dimse.serving.trace import Trace
from adapters.dimse.settings import DimseListenerSettings, DimsePeerSettings
from gateway.contract.associations import MOST_CONTEXTS, Association
from gateway.contract.meter import Rejection
from tests.adapters.dimse.fakes import RecordingMeter

CT, PET, FIND = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.2.2.1"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
SETTINGS = DimseListenerSettings(
    port=0,
    sop_classes=(CT,),
    calling_ae_titles=("CT1", "PET1"),
    peers={"pets": DimsePeerSettings(calling_ae_titles=("PET1",), sop_classes=(PET,))},
)


def policy_of(title: str) -> PeerPolicy:
    """Return the policy of a peer."""
    return PeerPolicies(SETTINGS).of("10.0.0.1", title)


def begun(meter: RecordingMeter) -> Trace:
    """Return the trace of a new connection."""
    return Trace("modalities", ("10.0.0.1", 4000), meter)


def traced(*contexts: ProposedContext, title: str = "CT1") -> tuple[Trace, Association]:
    """Return the trace of an association that was accepted, and what is remembered of it."""
    meter = RecordingMeter()
    trace = begun(meter)
    proposal, policy = Proposal("HILUM", title, contexts), policy_of(title)
    reply = negotiate(proposal, replace(policy.policy, calling_ae_titles=None))
    assert isinstance(reply, Acceptance)
    trace.accepted(Accepted(proposal, len(reply.contexts), (), reply.results), policy)
    (kept,) = meter.associations
    return trace, kept


def test_contexts() -> None:
    """Each context has what was proposed and what was answered."""
    proposed = ProposedContext(1, CT, (EXPLICIT, IMPLICIT)), ProposedContext(3, FIND, (IMPLICIT,))
    _, kept = traced(*proposed)
    assert ("modalities", "CT1", "10.0.0.1:4000", "HILUM", "") == (
        kept.listener,
        kept.peer,
        kept.address,
        kept.called,
        kept.entry,
    )
    assert [
        (1, CT, (EXPLICIT, IMPLICIT), 0, EXPLICIT, True),
        (3, FIND, (IMPLICIT,), 3, "", False),
    ] == list(kept.contexts)


def test_entry_of_the_peer() -> None:
    """The settings that applied are those of the peer's entry."""
    _, kept = traced(ProposedContext(1, CT, (EXPLICIT,)), ProposedContext(3, PET, (EXPLICIT,)), title="PET1")
    assert ("pets", [3, 0]) == (kept.entry, [each.result for each in kept.contexts])


def test_bounded() -> None:
    """Many contexts and syntaxes are counted, not kept; what is no UID is not kept either."""
    many = [ProposedContext(2 * n + 1, CT, (EXPLICIT,) * 100) for n in range(MOST_CONTEXTS + 3)]
    _, kept = traced(*many)
    assert (MOST_CONTEXTS, 3, 8) == (
        len(kept.contexts),
        kept.more_contexts,
        max(len(each.transfer_syntaxes) for each in kept.contexts),
    )
    _, kept = traced(ProposedContext(1, "Meier^Anna", ("Meier^Anna",)), title="CT1" * 10)
    assert "Meier" not in repr(kept)
    assert 16 == len(kept.peer)


def test_nameless() -> None:
    """A peer without an AE title is its address."""
    _, kept = traced(title="")
    assert "10.0.0.1" == kept.peer


REJECTED = {
    Refusal.CALLED_AE_TITLE: ("called_ae_title", ("HILUM",)),
    Refusal.CALLING_AE_TITLE: ("calling_ae_title", ("CT1", "PET1")),
    Refusal.LOCAL_LIMIT: ("peer_limit", ("at most 50 associations at once from one address",)),
    Refusal.CONGESTION: ("congestion", ()),
}


@pytest.mark.parametrize("refusal", REJECTED)
def test_rejected(refusal: Refusal) -> None:
    """A rejected association has the reason, and what would be accepted."""
    meter = RecordingMeter()
    command = Rejected(Proposal("HILUM1", "MR3"), refusal)
    begun(meter).rejected(command, Rejection.PEER_LIMIT, policy_of("MR3"))
    (kept,) = meter.associations
    assert REJECTED[refusal] == (kept.refusal, kept.accepted)
    assert ("rejected", kept.at) == (kept.ended, kept.ended_at)


class Answered:
    """As much of an instance as is remembered."""

    class message:  # noqa: N801  it stands for an attribute
        """Its message."""

        facts = {"sop_class_uid": CT, "transfer_syntax_uid": EXPLICIT}  # noqa: RUF012  nobody changes it


def test_answers_and_end() -> None:
    """What was stored and what was not is counted by context, and how the association ended is remembered."""
    trace, kept = traced(ProposedContext(1, CT, (EXPLICIT,)), ProposedContext(3, CT, (IMPLICIT,)))
    trace.answered(cast("Instance", Answered), OUR_FAULT)
    assert [(0, 1), (0, 0)] == [(each["stored"], each["failed"]) for each in kept.seen()["contexts"]]
    assert "" == kept.seen()["ended"]
    trace.ended(Ended(Ending.PEER_LOST))
    assert ("peer_lost", True) == (kept.ended, kept.ended_at is not None)


def test_nothing_asked_for() -> None:
    """A connection without a request leaves nothing; neither does the end of what was rejected change it."""
    meter = RecordingMeter()
    trace = begun(meter)
    trace.answered(cast("Instance", Answered), OUR_FAULT)
    trace.ended(Ended(Ending.PEER_LOST, was_established=False))
    assert [] == meter.associations
    trace.rejected(Rejected(Proposal("X", "CT1"), Refusal.CALLED_AE_TITLE), Rejection.PEER_LIMIT, policy_of("CT1"))
    trace.ended(Ended(Ending.PROTOCOL_ERROR, was_established=False))
    assert ["rejected"] == [each.ended for each in meter.associations]
