"""What the connections of one listener share: settings, where messages go, and who is connected."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.dimse.negotiation import Policy
from adapters.dimse.settings import DimseListenerSettings
from gateway.message import Deliver, ListenerMeter, Rejection

if TYPE_CHECKING:
    from adapters.dimse.connection import Connection

# Sockets that have not (yet) an association do not count against its limit, or a port scan could use it up. The ARTIM
# timer removes them; this bounds them meanwhile.
SPARE_SOCKETS = 200


@dataclass(slots=True)
class Service:
    """One per listener."""

    name: str
    settings: DimseListenerSettings
    policy: Policy
    deliver: Deliver
    meter: ListenerMeter
    connections: "set[Connection]" = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """One per connection."""
    is_draining: bool = False
    _associations: Counter[str] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        """Whether even one more silent socket is too many."""
        return len(self.connections) >= self.settings.max_connections + SPARE_SOCKETS

    def join(self, connection: "Connection", task: asyncio.Task[None]) -> None:
        """Take up a socket."""
        self.connections.add(connection)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def leave(self, connection: "Connection") -> bool:
        """Forget a socket; return whether it had joined."""
        known = connection in self.connections
        self.connections.discard(connection)
        return known

    def limit_reached(self, peer_ip: str) -> Rejection | None:
        """Return which limit keeps *peer_ip* from having one more association."""
        if self._associations.total() >= self.settings.max_connections:
            return Rejection.CONNECTION_LIMIT
        if self._associations[peer_ip] >= self.settings.max_connections_per_peer:
            return Rejection.PEER_LIMIT
        return None

    def admit(self, peer_ip: str) -> None:
        """Count an association that is established."""
        self._associations[peer_ip] += 1
        self.meter.connected()

    def dismiss(self, peer_ip: str) -> None:
        """Count it out again."""
        self._associations[peer_ip] -= 1
        if not self._associations[peer_ip]:
            del self._associations[peer_ip]
        self.meter.disconnected()
