"""The inventory: which objects each hospital has now."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC

from adapters.pipeline.contract import Reference
from adapters.pipeline.ledger import What
from adapters.pipeline.settings import HospitalSettings
from gateway.contract.objects import Bucket


def places(hospital: HospitalSettings) -> Mapping[What, str]:
    """Return the places of a hospital, each ``BUCKET:PATTERN``."""
    found: dict[What, str] = {"image": hospital.images}
    if hospital.reports is not None:
        found["report"] = hospital.reports
    return found


async def listed(name: str, place: str, open_bucket: Callable[[str], Bucket]) -> AsyncIterator[Reference]:
    """Yield the objects of one place, each once. Raises ObjectError."""
    bucket, _, pattern = place.partition(":")
    seen = set()
    async for found in open_bucket(bucket).list(pattern):
        if found.key not in seen:  # a listing that changes while it is read may tell an object twice
            seen.add(found.key)
            modified = found.modified.astimezone(UTC).isoformat()
            yield Reference(name, found.key, found.version, found.size, modified)
