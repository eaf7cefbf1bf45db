"""Interfaces of the limits that several connections share; the composition root passes them to the listeners."""

from collections.abc import Callable
from typing import Protocol


class Account(Protocol):
    """The share that one connection has in the message memory of the process."""

    def update(self, held: int) -> None:
        """Set how many octets of messages the connection holds now; 0 once it is closed."""

    @property
    def is_waiting(self) -> bool:
        """Whether ``pause`` was called and ``resume`` not yet."""


class RateLimit(Protocol):
    """A rate limit: how many messages per second each peer may send."""

    def take(self, peer: str, now: float) -> float:
        """Count one message of *peer*; return the seconds until its next one may be read, 0 for at once."""


class KnownAddresses(Protocol):
    """The addresses that have delivered a message."""

    def add(self, peer_ip: str) -> None:
        """Remember an address."""

    def __contains__(self, peer_ip: str) -> bool:
        """Whether the address has delivered a message."""


class SharedLimits(Protocol):
    """The limits that several connections share."""

    def allows_descriptor(self, descriptor: int) -> bool:
        """Whether enough file descriptors are left if a peer keeps the new *descriptor*."""

    @property
    def known(self) -> KnownAddresses:
        """The addresses that have delivered a message to any listener of the process."""

    def account(self, pause: Callable[[], None], resume: Callable[[], None]) -> Account:
        """Return the account of a new connection; *pause* and *resume* stop and restart its reading."""

    @property
    def is_exhausted(self) -> bool:
        """Whether pausing was not enough, so that a new message must be refused for lack of memory."""

    def rate_limit(self, messages_per_second: float) -> RateLimit:
        """Return a rate limit of *messages_per_second* for each peer."""
