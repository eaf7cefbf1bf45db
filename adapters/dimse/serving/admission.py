"""Decides whether one peer gets an association, by its request and by the limits of the listener."""

from typing import Generic

from adapters.dimse.peer_policy import PeerPolicy
from adapters.dimse.protocol.associate import decode_titles
from adapters.dimse.protocol.events import AssociateRq
from adapters.dimse.protocol.items import has_too_many
from adapters.dimse.protocol.negotiation import Refusal
from adapters.dimse.service import P, Service
from gateway.contract.meter import Rejection


class Admission(Generic[P]):
    """Judges the association request of one connection; the peer's AE title is known only from that request."""

    def __init__(self, service: Service[P], connection: P, peer_ip: str) -> None:
        self.limit = Rejection.CONNECTION_LIMIT
        """The limit for which the association is refused, where a limit is the reason."""
        self._service = service
        self._connection = connection
        self._peer_ip = peer_ip

    def takes_long_request(self, fixed: bytes, *, has_certificate: bool) -> bool:
        """Whether to read a long request, judged by its *fixed* fields."""
        is_named = self._service.peer_policies.names(self._peer_ip, decode_titles(fixed)[0])
        return self._service.takes_long_request(self._connection, is_known=is_named or has_certificate)

    def peer_policy_of(self, request: AssociateRq) -> PeerPolicy:
        """Return the policy of the peer, now that its AE title is known."""
        return self._service.peer_policies.of(self._peer_ip, decode_titles(request.pdu)[0])

    def refusal(self, request: AssociateRq, peer_policy: PeerPolicy) -> Refusal | None:
        """Return why no association is possible now, whatever *request* proposes."""
        if self._service.stopping:
            return Refusal.CONGESTION
        limit = self._service.limit_reached(self._peer_ip, peer_policy)
        if limit is None and not request.is_whole:
            limit = Rejection.TOO_LARGE
        if limit is None and has_too_many(request.pdu):
            limit = Rejection.TOO_MANY_ITEMS
        self.limit = limit or self.limit
        return Refusal.LOCAL_LIMIT if limit else None
