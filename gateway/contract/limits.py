"""The limits that concern more than one connection; the composition root hands them to the listeners."""

from collections.abc import Callable
from typing import Protocol


class Account(Protocol):
    """What one connection holds of the memory that all connections of the process share."""

    def update(self, held: int) -> None:
        """Tell how many octets of messages the connection holds now; 0 when it is gone."""

    @property
    def is_waiting(self) -> bool:
        """Whether it was told to pause and not yet to resume."""


class Throttle(Protocol):
    """How many messages a second each peer may send."""

    def take(self, peer: str, now: float) -> float:
        """Count one message of *peer*; return the seconds until its next one is due, 0 for at once."""


class KnownAddresses(Protocol):
    """The addresses that have delivered."""

    def add(self, peer_ip: str) -> None:
        """Remember an address."""

    def __contains__(self, peer_ip: str) -> bool:
        """Whether the address has delivered."""


class SharedLimits(Protocol):
    """The limits that concern more than one connection; the composition root hands them in."""

    def allows_descriptor(self, descriptor: int) -> bool:
        """Whether a peer at this new file *descriptor* leaves enough of them for everything else."""

    @property
    def known(self) -> KnownAddresses:
        """The addresses that have delivered to any listener of the process."""

    def account(self, pause: Callable[[], None], resume: Callable[[], None]) -> Account:
        """Return the account of a new connection; *pause* and *resume* stop and restart its reading."""

    @property
    def is_exhausted(self) -> bool:
        """Whether pausing was not enough, so that a new message has to be answered as one without room."""

    def throttle(self, messages_per_second: float) -> Throttle:
        """Return what counts the messages of peers that may each send so many."""
