"""Finds routes by which a FHIR store would send to itself: each write is a change, of which it tells again.

HL7v2 and DICOM stores are spared that: a message or an instance that is there already is not stored again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

CIRCLE = (
    "routes[{index}].to: {target!r} is the store that listeners.{source} reads from, so each change would be written "
    "there once more; name another destination"
)


def circles(routes: list[Any], listeners: Mapping[str, Any], destinations: Mapping[str, Any]) -> Iterator[str]:
    """Yield the mistake of each of the *routes* that leads back to its own source; the form of all may be wrong."""
    bases = {str(name): _base(each, "url") for name, each in destinations.items()}
    for index, route in enumerate(routes):
        source, to = (route.get("from"), route.get("to")) if isinstance(route, dict) else (None, None)
        store = _base(listeners.get(source), "store") if isinstance(source, str) else None
        for target in to if isinstance(to, list) else [to]:
            if store is not None and "/fhirStores/" in store and bases.get(str(target)) == f"{store}/fhir":
                yield CIRCLE.format(index=index, target=target, source=source)


def _base(settings: object, key: str) -> str | None:
    value = settings.get(key) if isinstance(settings, dict) else None
    return value.rstrip("/") if isinstance(value, str) else None
