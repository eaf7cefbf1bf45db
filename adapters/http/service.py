"""What the connections of one HTTP listener share: settings, limits, who may send, and who is connected."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from adapters.http.access import Access
from adapters.http.peer_policy import PeerPolicies, PeerPolicy
from adapters.http.settings import HttpListenerSettings
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.places import Claim, Connected, KnownPeers, Places

P = TypeVar("P", bound=Connected)
"""The type of the connections."""


@dataclass
class Service(Generic[P]):
    """One per listener."""

    name: str
    settings: HttpListenerSettings
    deliver: Deliver
    access: Access
    meter: ListenerMeter
    limits: SharedLimits | None = None
    by_transport: dict[asyncio.BaseTransport, P] = field(default_factory=dict)
    """The connections by what the HTTP server knows them."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """One per connection."""
    stopping: bool = False

    def __post_init__(self) -> None:
        """Create the places that connections take."""
        self.peer_policies = PeerPolicies(self.settings, self.limits)
        self.known = KnownPeers() if self.limits is None else self.limits.known
        self.places = Places(self.settings.max_connections, self.known)

    @property
    def connections(self) -> Collection[P]:
        """The connected peers."""
        return self.by_transport.values()

    def enter(self, connection: P, peer_ip: str, peer_policy: PeerPolicy, descriptor: int = 0) -> Rejection | None:
        """Take a place for a peer, or return why it is refused. A place that was taken is given back by ``leave``."""
        if not self.settings.allows(peer_ip):
            return Rejection.NETWORK
        if self.limits is not None and not self.limits.allows_descriptor(descriptor):
            return Rejection.DESCRIPTOR_LIMIT
        most = peer_policy.settings.max_connections_per_peer
        return self.places.enter(connection, Claim(peer_ip, most, peer_policy.entry, peer_policy.most))

    @property
    def is_exhausted(self) -> bool:
        """Whether there is no memory for a new request."""
        return self.limits is not None and self.limits.is_exhausted

    def answered(self, connection: P, peer_ip: str, *, stored: bool) -> None:
        """Record that a message of the peer was answered."""
        self.places.prove(connection)
        if stored:
            self.known.add(peer_ip)

    def leave(self, connection: P, transport: asyncio.BaseTransport) -> None:
        """Give a place back."""
        self.places.leave(connection)
        self.by_transport.pop(transport, None)
