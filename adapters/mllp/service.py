"""What the connections of one MLLP listener share: settings, terms, limits, and who is connected."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.mllp.admission import Admission
from adapters.mllp.settings import MllpListenerSettings
from adapters.mllp.terms import Terms, TermsBook
from gateway.message import ListenerMeter, Rejection, SharedLimits

if TYPE_CHECKING:
    from adapters.mllp.connection import Connection


@dataclass(slots=True)
class Service:
    """One per listener."""

    name: str
    settings: MllpListenerSettings
    terms: TermsBook
    meter: ListenerMeter
    admission: Admission
    limits: SharedLimits | None = None
    connections: "set[Connection]" = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """One per connection."""
    stopping: bool = False

    def enter(self, peer_ip: str, terms: Terms) -> Rejection | None:
        """Take a place for a peer, or return what there is against it. Whoever got one leaves it."""
        if not self.settings.allows(peer_ip):
            return Rejection.NETWORK
        return self.admission.enter(peer_ip, terms.settings.max_connections_per_peer, terms.entry, terms.most)

    def leave(self, connection: "Connection", peer_ip: str, terms: Terms) -> None:
        """Give a place back."""
        self.admission.leave(peer_ip, terms.entry)
        self.connections.discard(connection)
