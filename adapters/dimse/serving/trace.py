"""Remembers an association for operators: what was proposed, what was answered, what came, how it ended."""

import time

from adapters.dimse.instance import Instance
from adapters.dimse.peer_policy import PeerPolicy
from adapters.dimse.protocol.associate import ContextResult, Proposal, ProposedContext
from adapters.dimse.protocol.association import Accepted, Ended, Rejected
from adapters.dimse.protocol.negotiation import ACCEPTED, Refusal, is_storage
from adapters.dimse.protocol.statuses import Verdict
from gateway.contract.associations import MOST_CONTEXTS, MOST_SYNTAXES, Association, ContextAnswer
from gateway.contract.message import UID
from gateway.contract.meter import ListenerMeter, Rejection

LONGEST_TITLE = 16


class Trace:
    """One for each connection; a connection without a request leaves nothing."""

    __slots__ = ("_address", "_association", "_listener", "_meter")

    def __init__(self, listener: str, peer: tuple[str, int], meter: ListenerMeter) -> None:
        self._listener, self._meter = listener, meter
        self._address = f"{peer[0]}:{peer[1]}"
        self._association: Association | None = None

    def accepted(self, command: Accepted, peer_policy: PeerPolicy) -> None:
        """Remember the answer to each presentation context."""
        pairs = list(zip(command.proposal.contexts, command.results, strict=True))
        found = self._begin(command.proposal, peer_policy)
        found.contexts = tuple(_answer(context, result) for context, result in pairs[:MOST_CONTEXTS])
        found.more_contexts = max(0, len(pairs) - MOST_CONTEXTS)
        self._meter.associated(found)

    def rejected(self, command: Rejected, limit: Rejection, peer_policy: PeerPolicy) -> None:
        """Remember why it was rejected, and what would have been accepted; *limit* is the one that was reached."""
        found = self._begin(command.proposal, peer_policy)
        is_limit = command.refusal is Refusal.LOCAL_LIMIT
        found.refusal = limit.value if is_limit else command.refusal.name.lower()
        found.accepted = _acceptable(command.refusal, peer_policy)
        found.ended, found.ended_at = "rejected", found.at
        self._meter.associated(found)

    def answered(self, instance: Instance, verdict: Verdict) -> None:
        """Count an instance."""
        if self._association is not None:
            facts = instance.message.facts
            place = facts.get("sop_class_uid", ""), facts.get("transfer_syntax_uid", ""), verdict.is_stored
            self._association.answers[place] += 1

    def ended(self, command: Ended) -> None:
        """Remember how it ended."""
        found = self._association
        if found is not None and command.was_established:
            found.ended, found.ended_at = command.ending.value, time.time()

    def _begin(self, proposal: Proposal, peer_policy: PeerPolicy) -> Association:
        peer = proposal.calling_ae_title[:LONGEST_TITLE] or self._address.rpartition(":")[0]
        called = proposal.called_ae_title[:LONGEST_TITLE]
        self._association = Association(time.time(), self._listener, peer, self._address, called, peer_policy.entry)
        return self._association


def _answer(context: ProposedContext, result: ContextResult) -> ContextAnswer:
    return ContextAnswer(
        context.context_id,
        _uid(context.abstract_syntax),
        tuple(map(_uid, context.transfer_syntaxes[:MOST_SYNTAXES])),
        result.result,
        _uid(result.transfer_syntax) if result.result == ACCEPTED else "",
        is_storage(context.abstract_syntax),
    )


def _uid(text: str) -> str:
    """Return a UID; what a peer writes in place of one is not kept."""
    return text if UID.match(text) else ""


def _acceptable(refusal: Refusal, peer_policy: PeerPolicy) -> tuple[str, ...]:
    if refusal is Refusal.CALLED_AE_TITLE:
        return tuple(sorted(peer_policy.policy.called_ae_titles or ()))
    if refusal is Refusal.CALLING_AE_TITLE:
        return tuple(sorted(peer_policy.policy.calling_ae_titles or ()))
    if refusal is Refusal.LOCAL_LIMIT:
        return (f"at most {peer_policy.settings.max_connections_per_peer} associations at once from one address",)
    return ()
