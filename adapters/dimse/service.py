"""What the connections of one listener share: settings, peer policies, delivery, limits, and who is connected."""

import asyncio
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from adapters.dimse.peer_policy import PeerPolicies, PeerPolicy
from adapters.dimse.protocol.statuses import NO_ROOM, Verdict
from adapters.dimse.settings import SPARE_SOCKETS, DimseListenerSettings
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.places import Claim, Connected, KnownPeers, Places

P = TypeVar("P", bound=Connected)
"""The type of the connections."""
SPARE_SOCKETS_PER_PEER = 50
MOST_LONG_REQUESTS = 4
"""Most long association requests (up to 1 MiB each) that are read at the same time from unknown peers."""


@dataclass
class Service(Generic[P]):
    """One per listener."""

    name: str
    settings: DimseListenerSettings
    peer_policies: PeerPolicies
    deliver: Deliver
    meter: ListenerMeter
    limits: SharedLimits | None = None
    connections: set[P] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """One per connection."""
    long_requests: set[P] = field(default_factory=set)
    """Connections of unknown peers whose long association request is being read."""
    stopping: bool = False

    def __post_init__(self) -> None:
        """Create the places that sockets and associations take."""
        self.known = KnownPeers() if self.limits is None else self.limits.known
        self.sockets = Places(self.settings.max_connections + SPARE_SOCKETS, self.known)
        self.associations = Places(self.settings.max_connections, self.known)

    def enter(self, connection: P, peer_ip: str, descriptor: int = 0) -> Rejection | None:
        """Take a place for a socket from *peer_ip*, or return why it is refused before any association request."""
        if not self.settings.allows(peer_ip):
            return Rejection.NETWORK
        if self.limits is not None and not self.limits.allows_descriptor(descriptor):
            return Rejection.DESCRIPTOR_LIMIT
        most = self.peer_policies.most_per_peer(peer_ip) + SPARE_SOCKETS_PER_PEER
        return self.sockets.enter(connection, Claim(peer_ip, most))

    def takes_long_request(self, connection: P, *, is_known: bool) -> bool:
        """Whether *connection* may send a long association request; it leaves `long_requests` when that is read."""
        if is_known:
            return True
        if len(self.long_requests) >= MOST_LONG_REQUESTS:
            return False
        self.long_requests.add(connection)
        return True

    def join(self, connection: P, task: asyncio.Task[None]) -> None:
        """Register a connection that has a place, and its task."""
        self.connections.add(connection)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def leave(self, connection: P) -> None:
        """Give back the place of a connection, and forget it."""
        self.sockets.leave(connection)
        self.long_requests.discard(connection)
        self.connections.discard(connection)

    def limit_reached(self, peer_ip: str, peer_policy: PeerPolicy) -> Rejection | None:
        """Return which limit keeps *peer_ip*, whose policy is *terms*, from having one more association."""
        return self.associations.refusal(_claim(peer_ip, peer_policy))

    def admit(self, connection: P, peer_ip: str, peer_policy: PeerPolicy, address: str = "") -> None:
        """Count an established association, perhaps in the place of an idle one; its limits were checked before."""
        self.associations.enter(connection, _claim(peer_ip, peer_policy))
        self.sockets.prove(connection)
        self.meter.connected(address)

    def shed(self) -> Verdict | None:
        """Return the refusal of the next instance while memory has no room for it; None while it has."""
        if self.limits is None or not self.limits.is_exhausted:
            return None
        self.meter.rejected(Rejection.MEMORY_LIMIT)
        return NO_ROOM

    def answered(self, connection: P, peer_ip: str, *, stored: bool) -> None:
        """Record that an instance of the peer was answered."""
        self.associations.prove(connection)
        if stored:
            self.known.add(peer_ip)

    def dismiss(self, connection: P, address: str = "") -> None:
        """Stop counting an association that has ended."""
        self.associations.leave(connection)
        self.sockets.doubt(connection)
        self.meter.disconnected(address)


def _claim(peer_ip: str, peer_policy: PeerPolicy) -> Claim:
    return Claim(peer_ip, peer_policy.settings.max_connections_per_peer, peer_policy.entry, peer_policy.most)
