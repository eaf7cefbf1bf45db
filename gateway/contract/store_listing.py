"""What a store holds, one item after the other, for ``hilum deidentify --stores``."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Protocol

from gateway.contract.errors import GatewayError
from gateway.contract.outcome import Unavailable


class ListingError(GatewayError):
    """A store does not say what it holds. The text has nothing of the reply."""


@dataclass(frozen=True, slots=True)
class Item:
    """An instance or a resource of a store."""

    name: str
    """Its address below the store, with its version where there is one. It may name a patient."""
    fetch: Callable[[IO[bytes]], Awaitable[Unavailable | None]]
    """Writes it to a file; returns why that failed, or None."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the store keeps beside it; of HL7v2 messages."""


class Listing(Protocol):
    """What one store holds."""

    def items(self) -> AsyncIterator[Item]:
        """Yield each item; raises ListingError if the store does not say which there are."""
