"""What a connection tells the operator: its log lines and its metrics. Never an octet of an instance."""

from time import time

import structlog

from adapters.dimse.instance import Instance
from adapters.dimse.peer_policy import PeerPolicy
from adapters.dimse.protocol.association import Accepted, Ended, Ending, Rejected
from adapters.dimse.protocol.negotiation import Refusal
from adapters.dimse.protocol.statuses import Verdict
from adapters.dimse.serving.noticing import DimseNoticer, told
from adapters.dimse.serving.watch import PassedLimit
from gateway.contract.journal import first_of
from gateway.contract.meter import ListenerMeter, Pause, Rejection

REFUSALS = {
    Refusal.APPLICATION_CONTEXT: Rejection.PROTOCOL_ERROR,
    Refusal.CALLING_AE_TITLE: Rejection.CALLING_AE_TITLE,
    Refusal.CALLED_AE_TITLE: Rejection.CALLED_AE_TITLE,
    Refusal.PROTOCOL_VERSION: Rejection.PROTOCOL_VERSION,
    Refusal.CONGESTION: Rejection.CONNECTION_LIMIT,
}
ENDINGS = {
    Ending.PEER_ABORTED: Rejection.PEER_ABORTED,
    Ending.PEER_LOST: Rejection.PEER_LOST,
    Ending.PROTOCOL_ERROR: Rejection.PROTOCOL_ERROR,
    Ending.TLS_ON_PLAIN_PORT: Rejection.TLS_ON_PLAIN_PORT,
}
LONGEST_TOLD = (1 << 21) - 1
"""A larger length is not logged as it is: after a wrong length, any octets (of a name) are taken for the next one."""
LAPSES = {
    PassedLimit.SILENT: Rejection.IDLE_TIMEOUT,
    PassedLimit.MESSAGE: Rejection.MESSAGE_TIMEOUT,
    PassedLimit.SLOW: Rejection.TOO_SLOW,
    PassedLimit.IDLE: Rejection.IDLE_TIMEOUT,
    PassedLimit.WRITE: Rejection.WRITE_TIMEOUT,
}


class Report:
    """One per connection."""

    def __init__(self, listener: str, peer: tuple[str, int], meter: ListenerMeter, port: int = 0) -> None:
        self._meter = meter
        self._peer_ip = peer[0]
        self.noticer = DimseNoticer(meter, peer[0], port)
        self.peer = f"{peer[0]}:{peer[1]}"
        """The address of the peer."""
        self._log = structlog.get_logger().bind(listener=listener, peer=self.peer)

    def opened(self) -> None:
        """Tell of a socket, at debug level only: probes connect and leave all the time."""
        self._log.debug("connection_opened")

    def closed(self) -> None:
        """Tell that the socket has closed."""
        self._log.debug("connection_closed")

    def refused(self, reason: Rejection) -> None:
        """Tell of a socket that was closed as soon as it was accepted."""
        self._meter.rejected(reason, self._peer_ip)
        self.noticer.turned_away(reason)
        self._log.info("connection_refused", reason=reason.value)

    def displaced(self) -> None:
        """Tell that the place of an idle or unfinished peer was needed."""
        self._meter.rejected(Rejection.DISPLACED, self._peer_ip)
        self.noticer.turned_away(Rejection.DISPLACED)
        self._log.info("connection_displaced", reason=Rejection.DISPLACED.value)

    def paused(self, reason: Pause) -> None:
        """Tell that the peer is not read for a while."""
        self._meter.paused(reason)
        self._log.debug("reading_paused", reason=reason.value)

    def accepted(self, command: Accepted) -> None:
        """Tell of an association, and name its peer from now on."""
        proposal = command.proposal
        self._log = self._log.bind(calling_ae_title=proposal.calling_ae_title, called_ae_title=proposal.called_ae_title)
        more: dict[str, object] = {"odd_items": proposal.odd_items} if proposal.odd_items else {}
        if command.refused:
            more["refused"] = told(command.refused)
        self._log.info("association_accepted", contexts=command.accepted, proposed=len(proposal.contexts), **more)
        self.noticer.accepted(command)

    def rejected(self, command: Rejected, limit: Rejection, peer_policy: PeerPolicy | None = None) -> None:
        """Tell of an association that was refused; *limit* is the reason where a limit was reached.

        It is a warning: a wrong AE title on one side keeps a modality out until somebody reads this line.
        """
        proposal, refusal = command.proposal, command.refusal
        reason = REFUSALS.get(refusal, limit)
        self._meter.rejected(reason, self._peer_ip, proposal.calling_ae_title)
        titles = None if peer_policy is None else peer_policy.policy.called_ae_titles
        ours = {"ours": sorted(titles)} if titles and refusal is Refusal.CALLED_AE_TITLE else {}
        self._log.warning(
            "association_rejected",
            calling_ae_title=proposal.calling_ae_title,
            called_ae_title=proposal.called_ae_title,
            reason=refusal.name.lower(),
            **ours,
        )
        self.noticer.rejected(command, reason, peer_policy)

    def ended(self, command: Ended, waited: float | None = None) -> None:
        """Tell how an association ended; *waited* is for how many seconds the peer had been waiting for an answer."""
        if command.ending in ENDINGS:
            self._meter.rejected(ENDINGS[command.ending])
            self.noticer.ended(command, waited)
        if command.ending is Ending.RELEASED:
            self._log.info("association_released")
        else:
            lengths = command.lengths._asdict() if command.lengths else {}
            if lengths and lengths["length"] > LONGEST_TOLD:
                lengths["length"] = f"more than {LONGEST_TOLD}"
            reason = command.reason.name.lower()
            self._log.info("association_aborted", by=command.ending.value, reason=reason, **lengths)

    def lapsed(self, lapse: PassedLimit) -> None:
        """Tell of a time limit that has passed."""
        if lapse in LAPSES:
            self._meter.rejected(LAPSES[lapse])
            self._log.info("connection_timed_out", limit=lapse.name.lower(), reason=LAPSES[lapse].value)

    def failed(self, instance: Instance, error: BaseException) -> None:
        """Tell of an internal error, without the error's text, which may quote an instance."""
        self._meter.rejected(Rejection.INTERNAL_ERROR)
        self._log.error("delivery_failed", message_id=instance.message.message_id, error=type(error).__name__)

    def answered(self, instance: Instance, verdict: Verdict, seconds: float) -> None:
        """Tell what the peer was told, *seconds* after it had sent everything."""
        self._meter.answered(verdict.status, seconds)
        why = {"reason": verdict.comment} if verdict.comment else {}
        message = instance.message
        self._meter.recorded(
            (
                time(),
                message.message_id,
                message.facts,
                message.connection,
                first_of(message.identifiers),
                instance.body.received,
                verdict.outcome,
                verdict.status,
                verdict.comment,
                seconds,
            )
        )
        self._log.info(
            "instance_answered",
            answer=verdict.status,
            outcome=verdict.outcome,
            message_id=instance.message.message_id,
            octets=instance.body.received,
            seconds=round(seconds, 3),
            **instance.message.identifiers,
            **why,
        )
