"""The limits and settings that apply to one peer: those of the listener, overridden by its entry in ``peers``.

They are resolved once per entry, when the listener is bound, and looked up once per connection.
"""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.mllp.exchange import Exchange
from adapters.mllp.settings import MllpListenerSettings, MllpPeerSettings
from gateway.contract.destination import Deliver
from gateway.contract.limits import RateLimit, SharedLimits
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Unavailable
from gateway.contract.settings import is_within

NO_ROOM = Unavailable("too many messages are in memory now; send this one again later")


async def shed(_: Message) -> Outcome:
    """Deliver nothing: the ``Deliver`` for messages that have no room in memory."""
    return NO_ROOM


@dataclass(frozen=True, slots=True)
class PeerPolicy:
    """The limits and settings for the connections of some peers."""

    settings: MllpListenerSettings
    exchange: Exchange
    shedding: Exchange
    """Answers messages for which there is no room in memory."""
    rate_limit: RateLimit | None
    """The rate limit of their messages; None allows any number."""
    entry: str = ""
    """The key of their entry in ``peers``; empty for those without an entry."""
    most: int | None = None
    """Most connections of all these peers at once; None leaves it to the listener's limits."""


class PeerPolicies:
    """The policy of every peer of a listener."""

    def __init__(
        self,
        settings: MllpListenerSettings,
        deliver: Deliver,
        exchange: Callable[[MllpListenerSettings, Deliver], Exchange],
        limits: SharedLimits | None = None,
    ) -> None:
        self._deliver = deliver
        self._exchange = exchange
        self._limits = limits
        self._usual = self._peer_policy(settings)
        self._special = [
            (each.networks, self._special_peer_policy(name, each)) for name, each in settings.peers.items()
        ]

    def of(self, peer_ip: str) -> PeerPolicy:
        """Return the policy of the first entry that *peer_ip* belongs to, else the listener's."""
        return next(
            (peer_policy for networks, peer_policy in self._special if is_within(peer_ip, networks)), self._usual
        )

    def _special_peer_policy(self, name: str, peer: MllpPeerSettings) -> PeerPolicy:
        return self._peer_policy(self._usual.settings.replaced_by(peer), name, peer.max_connections)

    def _peer_policy(self, settings: MllpListenerSettings, entry: str = "", most: int | None = None) -> PeerPolicy:
        rate = settings.messages_per_second
        rate_limit = self._limits.rate_limit(rate) if self._limits is not None and rate is not None else None
        exchange, shedding = (self._exchange(settings, deliver) for deliver in (self._deliver, shed))
        return PeerPolicy(settings, exchange, shedding, rate_limit, entry, most)
