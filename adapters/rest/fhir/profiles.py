"""What FHIR stores have in common, and where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

ProfileName = Literal["generic", "google", "azure", "hapi", "medplum"]
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Profile:
    """The properties of one kind of store."""

    max_entries: int
    """Most entries of a bundle."""
    max_bytes: int
    """Most octets of a bundle."""
    most_searched: int = 50
    """Most identifiers in one search: they are in the address, which servers limit to about 8,000 characters."""


PROFILES: Mapping[ProfileName, Profile] = {
    "generic": Profile(max_entries=1000, max_bytes=16 * MIB),
    "google": Profile(max_entries=4500, max_bytes=50 * MIB),
    "azure": Profile(max_entries=500, max_bytes=4 * MIB),
    "hapi": Profile(max_entries=1000, max_bytes=16 * MIB),
    "medplum": Profile(max_entries=1000, max_bytes=50 * MIB),
}
GOOGLE, AZURE = "healthcare.googleapis.com", (".azurehealthcareapis.com", ".azurehealthcareapis.us")


def profile_of(name: ProfileName | None, url: str) -> Profile:
    """Return the profile with this name, or else the one of the host of *url*."""
    host = (urlsplit(url).hostname or "").lower()
    if name is None:
        is_google = host == GOOGLE or host.endswith((f"-{GOOGLE}", f".{GOOGLE}"))
        name = "google" if is_google else "azure" if host.endswith(AZURE) else "generic"
    return PROFILES[name]
