"""The settings that apply to one peer: those of the listener, overridden by its entry in ``peers``.

They are resolved once per entry, when the listener is bound, and looked up once per connection.
"""

from dataclasses import dataclass

from adapters.http.settings import HttpListenerSettings
from gateway.contract.limits import RateLimit, SharedLimits
from gateway.contract.settings import is_within

MOST_REMEMBERED = 1024
"""Number of peers at which those that may send again are forgotten."""


class RequestRate:
    """Refuses requests above a rate. The peer is told when to come again, because it may use a new connection."""

    def __init__(self, rate_limit: RateLimit) -> None:
        self._rate_limit = rate_limit
        self._next: dict[str, float] = {}
        """When each peer may send again, if it may not now."""

    def take(self, peer_ip: str, now: float) -> float:
        """Count a request, and return 0; or return the seconds until the peer may send its next one."""
        wait = self._next.get(peer_ip, now) - now
        if wait > 0:
            return wait
        self._next.pop(peer_ip, None)
        seconds = self._rate_limit.take(peer_ip, now)
        if seconds > 0:
            if len(self._next) >= MOST_REMEMBERED:
                self._next = {peer: due for peer, due in self._next.items() if due > now}
            self._next[peer_ip] = now + seconds
        return 0.0


@dataclass(frozen=True, slots=True)
class PeerPolicy:
    """The settings for the connections of some peers."""

    settings: HttpListenerSettings
    rate: RequestRate | None
    """The rate limit of their requests; None allows any number."""
    entry: str = ""
    """The key of their entry in ``peers``; empty for those without an entry."""
    most: int | None = None
    """Most connections of all these peers at once; None leaves it to the listener's limits."""


class PeerPolicies:
    """The policy of every peer of a listener."""

    def __init__(self, settings: HttpListenerSettings, limits: SharedLimits | None = None) -> None:
        self._limits = limits
        self._usual = self._policy(settings)
        self._special = [
            (each.networks, self._policy(settings.replaced_by(each), name, each.max_connections))
            for name, each in settings.peers.items()
        ]

    def of(self, peer_ip: str) -> PeerPolicy:
        """Return the policy of the first entry that *peer_ip* belongs to, else the listener's."""
        return next((policy for networks, policy in self._special if is_within(peer_ip, networks)), self._usual)

    def _policy(self, settings: HttpListenerSettings, entry: str = "", most: int | None = None) -> PeerPolicy:
        rate = settings.messages_per_second
        limit = self._limits.rate_limit(rate) if self._limits is not None and rate is not None else None
        return PeerPolicy(settings, None if limit is None else RequestRate(limit), entry, most)
