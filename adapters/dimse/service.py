"""What the connections of one listener share: settings, where messages go, and who is connected."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adapters.dimse.settings import DimseListenerSettings
from adapters.dimse.terms import Terms, TermsBook
from gateway.message import Deliver, ListenerMeter, Rejection, SharedLimits

if TYPE_CHECKING:
    from adapters.dimse.connection import Connection

# Sockets that have not (yet) an association do not count against its limit, or a port scan could use it up. The ARTIM
# timer removes them; this bounds them meanwhile.
SPARE_SOCKETS = 200
SPARE_SOCKETS_PER_PEER = 50
MOST_LONG_REQUESTS = 4
"""Long association requests that are read at once from peers that are not known: a few of them at 1 MiB each."""


@dataclass(slots=True)
class Service:
    """One per listener."""

    name: str
    settings: DimseListenerSettings
    terms: TermsBook
    deliver: Deliver
    meter: ListenerMeter
    limits: SharedLimits | None = None
    connections: "set[Connection]" = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    """One per connection."""
    long_requests: "set[Connection]" = field(default_factory=set)
    """Connections of unknown peers whose long association request is being read."""
    is_draining: bool = False
    _sockets: Counter[str] = field(default_factory=Counter)
    _associations: Counter[str] = field(default_factory=Counter)
    _of_entries: Counter[str] = field(default_factory=Counter)

    def refusal(self, peer_ip: str) -> Rejection | None:
        """Return why even a silent socket from *peer_ip* is not wanted."""
        if not self.settings.allows(peer_ip):
            return Rejection.NETWORK
        if len(self.connections) >= self.settings.max_connections + SPARE_SOCKETS:
            return Rejection.CONNECTION_LIMIT
        if self._sockets[peer_ip] >= self.terms.most_per_peer(peer_ip) + SPARE_SOCKETS_PER_PEER:
            return Rejection.PEER_LIMIT
        return None

    def takes_long_request(self, connection: "Connection", *, is_known: bool) -> bool:
        """Whether *connection* may ask at more length than anybody may; it says when it has done so."""
        if is_known:
            return True
        if len(self.long_requests) >= MOST_LONG_REQUESTS:
            return False
        self.long_requests.add(connection)
        return True

    def join(self, connection: "Connection", peer_ip: str, task: asyncio.Task[None]) -> None:
        """Take up a socket."""
        self.connections.add(connection)
        self._sockets[peer_ip] += 1
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def leave(self, connection: "Connection", peer_ip: str) -> bool:
        """Forget a socket; return whether it had joined."""
        if connection not in self.connections:
            return False
        self.connections.discard(connection)
        self.long_requests.discard(connection)
        _count_out(self._sockets, peer_ip)
        return True

    def limit_reached(self, peer_ip: str, terms: Terms) -> Rejection | None:
        """Return which limit keeps *peer_ip*, whose terms are *terms*, from having one more association."""
        if self._associations.total() >= self.settings.max_connections:
            return Rejection.CONNECTION_LIMIT
        if self._associations[peer_ip] >= terms.settings.max_connections_per_peer:
            return Rejection.PEER_LIMIT
        if terms.most is not None and self._of_entries[terms.entry] >= terms.most:
            return Rejection.PEER_LIMIT
        return None

    def admit(self, peer_ip: str, terms: Terms) -> None:
        """Count an association that is established."""
        self._associations[peer_ip] += 1
        self._of_entries[terms.entry] += 1
        self.meter.connected()

    def dismiss(self, peer_ip: str, terms: Terms) -> None:
        """Count it out again."""
        _count_out(self._associations, peer_ip)
        _count_out(self._of_entries, terms.entry)
        self.meter.disconnected()


def _count_out(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if not counter[name]:
        del counter[name]
