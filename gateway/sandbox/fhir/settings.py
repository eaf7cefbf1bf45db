"""The settings of one FHIR store: the flags of Google's API, and how awkward the sandbox is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StoreFlags:
    """What the resource ``FhirStore`` says of a store's behaviour."""

    update_create: bool = True
    integrity: bool = True
    versioning: bool = True
    strict_search: bool = False
    notifications: Sequence[Any] = ()
    """The ``notificationConfigs``."""

    streams: Sequence[Any] = ()
    """The ``streamConfigs``."""

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> "StoreFlags":
        """Return the flags of a ``FhirStore``."""
        return cls(
            update_create=config.get("enableUpdateCreate", False),
            integrity=not config.get("disableReferentialIntegrity", False),
            versioning=not config.get("disableResourceVersioning", False),
            strict_search=config.get("defaultSearchHandlingStrict", False),
            notifications=config.get("notificationConfigs") or (),
            streams=config.get("streamConfigs") or (),
        )


@dataclass(slots=True)
class FhirOptions:
    """How awkward the FHIR stores are; may be changed while the sandbox runs."""

    index_delay: float = 0
    """Seconds until a write is found by a search other than by identifier."""
    requests_per_minute: int = 0
    """Above it a request gets a 429; 0 is no quota."""
    largest_transaction: int = 4500
    """Entries of one transaction."""
