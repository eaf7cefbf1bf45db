"""What the connections of one MLLP listener share: settings, peer policies, limits, and who is connected."""

import asyncio
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from adapters.mllp.exchange import Exchange
from adapters.mllp.peer_policy import PeerPolicies, PeerPolicy
from adapters.mllp.senders import Senders
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.places import Claim, Connected, KnownPeers, Places

P = TypeVar("P", bound=Connected)
"""The type of the connections."""


@dataclass
class Service(Generic[P]):
    """One per listener."""

    name: str
    settings: MllpListenerSettings
    peer_policies: PeerPolicies
    meter: ListenerMeter
    limits: SharedLimits | None = None
    connections: set[P] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """One per connection."""
    stopping: bool = False
    senders: Senders = field(default_factory=Senders)

    def __post_init__(self) -> None:
        """Create the places that connections take."""
        self.known = KnownPeers() if self.limits is None else self.limits.known
        self.places = Places(self.settings.max_connections, self.known)

    def enter(self, connection: P, peer_ip: str, peer_policy: PeerPolicy, descriptor: int = 0) -> Rejection | None:
        """Take a place for a peer, or return why it is refused. A place that was taken is given back by ``leave``."""
        if not self.settings.allows(peer_ip):
            return Rejection.NETWORK
        if self.limits is not None and not self.limits.allows_descriptor(descriptor):
            return Rejection.DESCRIPTOR_LIMIT
        most = peer_policy.settings.max_connections_per_peer
        return self.places.enter(connection, Claim(peer_ip, most, peer_policy.entry, peer_policy.most))

    def exchange(self, peer_policy: PeerPolicy) -> Exchange:
        """Return what handles the peer's next message; while memory is short, it only answers to send it later."""
        if self.limits is None or not self.limits.is_exhausted:
            return peer_policy.exchange
        self.meter.rejected(Rejection.MEMORY_LIMIT)
        return peer_policy.shedding

    def answered(self, connection: P, peer_ip: str, *, stored: bool) -> None:
        """Record that a message of the peer was answered."""
        self.places.prove(connection)
        if stored:
            self.known.add(peer_ip)

    def leave(self, connection: P) -> None:
        """Give a place back."""
        self.places.leave(connection)
        self.connections.discard(connection)
