"""What the connections of one listener share: settings, where messages go, and who is connected."""

import asyncio
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from adapters.dimse.protocol.statuses import NO_ROOM, Verdict
from adapters.dimse.settings import SPARE_SOCKETS, DimseListenerSettings
from adapters.dimse.terms import Terms, TermsBook
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.places import Claim, Connected, KnownPeers, Places

P = TypeVar("P", bound=Connected)
"""The connections."""
SPARE_SOCKETS_PER_PEER = 50
MOST_LONG_REQUESTS = 4
"""Long association requests that are read at once from peers that are not known: a few of them at 1 MiB each."""


@dataclass
class Service(Generic[P]):
    """One per listener."""

    name: str
    settings: DimseListenerSettings
    terms: TermsBook
    deliver: Deliver
    meter: ListenerMeter
    limits: SharedLimits | None = None
    connections: set[P] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """One per connection."""
    long_requests: set[P] = field(default_factory=set)
    """Connections of unknown peers whose long association request is being read."""
    is_draining: bool = False

    def __post_init__(self) -> None:
        """Open the places."""
        self.known = KnownPeers() if self.limits is None else self.limits.known
        self.sockets = Places(self.settings.max_connections + SPARE_SOCKETS, self.known)
        self.associations = Places(self.settings.max_connections, self.known)

    def enter(self, connection: P, peer_ip: str, descriptor: int = 0) -> Rejection | None:
        """Take a place for a socket from *peer_ip*, or return why even a silent one is not wanted."""
        if not self.settings.allows(peer_ip):
            return Rejection.NETWORK
        if self.limits is not None and not self.limits.allows_descriptor(descriptor):
            return Rejection.DESCRIPTOR_LIMIT
        most = self.terms.most_per_peer(peer_ip) + SPARE_SOCKETS_PER_PEER
        return self.sockets.enter(connection, Claim(peer_ip, most))

    def takes_long_request(self, connection: P, *, is_known: bool) -> bool:
        """Whether *connection* may ask at more length than anybody may; it says when it has done so."""
        if is_known:
            return True
        if len(self.long_requests) >= MOST_LONG_REQUESTS:
            return False
        self.long_requests.add(connection)
        return True

    def join(self, connection: P, task: asyncio.Task[None]) -> None:
        """Take up a socket that has a place."""
        self.connections.add(connection)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def leave(self, connection: P) -> None:
        """Forget a socket."""
        self.sockets.leave(connection)
        self.long_requests.discard(connection)
        self.connections.discard(connection)

    def limit_reached(self, peer_ip: str, terms: Terms) -> Rejection | None:
        """Return which limit keeps *peer_ip*, whose terms are *terms*, from having one more association."""
        return self.associations.refusal(_claim(peer_ip, terms))

    def admit(self, connection: P, peer_ip: str, terms: Terms) -> None:
        """Count an association that is established, perhaps in the place of an idle one; no limit was in its way."""
        self.associations.enter(connection, _claim(peer_ip, terms))
        self.sockets.prove(connection)
        self.meter.connected()

    def shed(self) -> Verdict | None:
        """Return why the next instance is not taken while there is no room for it; None while there is."""
        if self.limits is None or not self.limits.is_exhausted:
            return None
        self.meter.rejected(Rejection.MEMORY_LIMIT)
        return NO_ROOM

    def answered(self, connection: P, peer_ip: str, *, stored: bool) -> None:
        """Take note that an instance of the peer has its answer."""
        self.associations.prove(connection)
        if stored:
            self.known.add(peer_ip)

    def dismiss(self, connection: P) -> None:
        """Count the association out again."""
        self.associations.leave(connection)
        self.sockets.doubt(connection)
        self.meter.disconnected()


def _claim(peer_ip: str, terms: Terms) -> Claim:
    return Claim(peer_ip, terms.settings.max_connections_per_peer, terms.entry, terms.most)
