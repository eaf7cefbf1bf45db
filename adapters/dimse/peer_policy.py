"""The limits and settings that apply to one peer: those of the listener, overridden by its entry in ``peers``.

They are resolved once per entry, when the listener is bound, and looked up by address, then by address and AE title.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.dimse.protocol.negotiation import Policy
from adapters.dimse.settings import DimseListenerSettings, DimsePeerSettings
from gateway.contract.limits import RateLimit, SharedLimits
from gateway.contract.settings import is_within


@dataclass(frozen=True, slots=True)
class PeerPolicy:
    """The limits and settings for the associations of some peers."""

    settings: DimseListenerSettings
    policy: Policy
    rate_limit: RateLimit | None = None
    """The rate limit of their messages; None allows any number."""
    entry: str = ""
    """The key of their entry in ``peers``; empty for those without an entry."""
    most: int | None = None
    """Most associations of all these peers at once; None leaves it to the listener's limits."""


class PeerPolicies:
    """The policy of every peer of a listener."""

    def __init__(self, settings: DimseListenerSettings, limits: SharedLimits | None = None) -> None:
        self._limits = limits
        self._usual = self._peer_policy(settings)
        self._special = list(self._entries(settings))

    def of(self, peer_ip: str, calling_ae_title: str | None = None) -> PeerPolicy:
        """Return the policy of the first entry that the peer belongs to, else the listener's.

        Without a title, which is known only when an association is requested, entries that ask for one do not match.
        """
        return next(
            (peer_policy for peer, peer_policy in self._special if _matches(peer, peer_ip, calling_ae_title)),
            self._usual,
        )

    def names(self, peer_ip: str, calling_ae_title: str) -> bool:
        """Whether the configuration names the peer: in an entry, or among the titles that may call."""
        titles = self._usual.policy.calling_ae_titles
        return self.of(peer_ip, calling_ae_title) is not self._usual or (
            titles is not None and calling_ae_title in titles
        )

    def most_per_peer(self, peer_ip: str) -> int:
        """Return the most associations that any title from that address may have: the title is not known yet."""
        possible = (
            peer_policy for peer, peer_policy in self._special if not peer.networks or is_within(peer_ip, peer.networks)
        )
        return max(each.settings.max_connections_per_peer for each in (self._usual, *possible))

    def _entries(self, settings: DimseListenerSettings) -> Iterator[tuple[DimsePeerSettings, PeerPolicy]]:
        for name, peer in settings.peers.items():
            yield peer, self._peer_policy(settings.replaced_by(peer), name, peer.max_connections)

    def _peer_policy(self, settings: DimseListenerSettings, entry: str = "", most: int | None = None) -> PeerPolicy:
        rate = settings.messages_per_second
        rate_limit = self._limits.rate_limit(rate) if self._limits is not None and rate is not None else None
        return PeerPolicy(settings, settings.policy(), rate_limit, entry, most)


def _matches(peer: DimsePeerSettings, peer_ip: str, calling_ae_title: str | None) -> bool:
    if peer.calling_ae_titles and calling_ae_title not in peer.calling_ae_titles:
        return False
    return not peer.networks or is_within(peer_ip, peer.networks)
