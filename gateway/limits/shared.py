"""The limits that several connections share; see ``gateway.contract.limits.SharedLimits``."""

from collections.abc import Callable

from gateway.contract.places import KnownPeers
from gateway.limits.descriptors import Descriptors
from gateway.limits.in_flight import InFlight, InFlightAccount
from gateway.limits.rate_limit import PeerRateLimit


class ProcessLimits:
    """The shared limits of this process."""

    def __init__(self, max_in_flight_bytes: int, descriptors: Descriptors | None = None) -> None:
        self._in_flight = InFlight(max_in_flight_bytes)
        self.known = KnownPeers()
        """The addresses that have delivered a message to any listener."""

        self._descriptors = descriptors

    def allows_descriptor(self, descriptor: int) -> bool:
        """Whether enough file descriptors are left if a peer keeps the new *descriptor*."""
        return self._descriptors is None or self._descriptors.allows(descriptor)

    @property
    def in_flight_octets(self) -> int:
        """Octets of messages that all peers together hold in memory."""
        return self._in_flight.octets

    @property
    def is_exhausted(self) -> bool:
        """Whether a new message must be refused for lack of memory."""
        return self._in_flight.is_exhausted

    def account(self, pause: Callable[[], None], resume: Callable[[], None]) -> InFlightAccount:
        """Return the account of a new connection; *pause* and *resume* stop and restart its reading."""
        return self._in_flight.account(pause, resume)

    def rate_limit(self, messages_per_second: float) -> PeerRateLimit:
        """Return a rate limit of *messages_per_second* for each peer."""
        return PeerRateLimit(messages_per_second)
