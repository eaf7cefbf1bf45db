"""What an association tells operators of its peer: what it asked for and did not get, and how it left."""

from adapters.dimse.peer_policy import PeerPolicy
from adapters.dimse.protocol.association import Accepted, Ended, Ending, Rejected
from adapters.dimse.protocol.negotiation import Refusal
from adapters.dimse.protocol.refused_contexts import RefusedContext, Why, name_of
from gateway.contract.causes import Cause
from gateway.contract.journal import LONGEST_AE_TITLE, printable
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.noticing import Noticer

MOST_CLASSES = 8
"""SOP classes of one association that are told of at most."""
BESIDE = frozenset({Why.NO_QUERY, Why.OTHER_SERVICE})
"""Why contexts are refused without which a peer can store."""


class DimseNoticer(Noticer):
    """One for each connection; *port* is that of the listener."""

    __slots__ = ("_port",)

    def __init__(self, meter: ListenerMeter, peer_ip: str, port: int) -> None:
        super().__init__(meter, peer_ip)
        self._port = str(port)

    def accepted(self, command: Accepted) -> None:
        """Tell which presentation contexts were refused, by SOP class, and whether none was accepted.

        A service besides storage is told of only if nothing was accepted: many modalities propose storage commitment
        or a query in each association, and store without it.
        """
        self._name(command.proposal.calling_ae_title)
        proposed = str(len(command.proposal.contexts))
        accepted = "some" if command.accepted else "0"
        if not command.proposal.contexts:
            reason = "it proposes no presentation context"
            self.notice(Cause.CONTEXTS_REFUSED, what="nothing", reason=reason, accepted=accepted, proposed=proposed)
        classes: dict[tuple[str, Why], list[RefusedContext]] = {}
        for each in command.refused:
            if command.accepted and each.why in BESIDE:
                continue
            classes.setdefault((each.sop_class, each.why), []).append(each)
        for contexts in list(classes.values())[:MOST_CLASSES]:
            details = _details(contexts)
            self.notice(Cause.CONTEXTS_REFUSED, **details, accepted=accepted, proposed=proposed)

    def rejected(self, command: Rejected, reason: Rejection, peer_policy: PeerPolicy | None) -> None:
        """Tell of an association that was rejected: its AE titles, or a limit."""
        proposal, refusal = command.proposal, command.refusal
        self._name(proposal.calling_ae_title)
        called, calling = (printable(each, LONGEST_AE_TITLE) for each in (proposal.called_ae_title, self.peer))
        if refusal is Refusal.CALLED_AE_TITLE:
            titles = None if peer_policy is None else peer_policy.policy.called_ae_titles
            ours = ", ".join(sorted(titles or ()))
            self.notice(Cause.CALLED_AE_TITLE, called=called, ours=ours, calling=calling, port=self._port)
        elif refusal is Refusal.CALLING_AE_TITLE:
            self.notice(Cause.CALLING_AE_TITLE, calling=calling, called=called, port=self._port)
        elif refusal is Refusal.LOCAL_LIMIT:
            self.turned_away(reason, peer_policy.settings.max_connections_per_peer if peer_policy else 0)

    def ended(self, command: Ended, waited: float | None) -> None:
        """Tell of a peer that speaks something else, or that did not wait for its answer."""
        if command.ending is Ending.TLS_ON_PLAIN_PORT:
            self.notice(Cause.TLS_ON_PLAIN_PORT, port=self._port)
        elif command.ending is Ending.PROTOCOL_ERROR:
            why = command.reason.name.lower().replace("_", " ")
            self.notice(Cause.FRAMING, why=f"DICOM upper layer: {why}")
        elif waited is not None:
            self.gave_up(waited)

    def _name(self, calling_ae_title: str) -> None:
        self.peer = printable(calling_ae_title.strip(), LONGEST_AE_TITLE) or self.peer


def told(contexts: tuple[RefusedContext, ...]) -> list[str]:
    """Return the refused contexts for a line of the log; of many only the first."""
    lines = [f"{each.name}: {each.why} (result {each.result})" for each in contexts]
    return lines[:MOST_CLASSES] + ([f"{len(lines) - MOST_CLASSES} more"] if len(lines) > MOST_CLASSES else [])


def _details(contexts: list[RefusedContext]) -> dict[str, str]:
    """Return the details of the refused contexts of one SOP class; ``uid`` is one that an operator could allow."""
    first = contexts[0]
    syntaxes = dict.fromkeys(name_of(each) for context in contexts for each in context.transfer_syntaxes)
    details = {
        "name": first.name or "a context without a SOP class",
        "sop_class": first.sop_class,
        "transfer_syntaxes": ", ".join(syntaxes),
        "result": str(first.result),
        "reason": first.why.value,
    }
    return details | ({"uid": first.sop_class} if first.why is Why.NOT_IN_SOP_CLASSES else {})
