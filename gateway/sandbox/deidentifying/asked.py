"""What a request ``deidentify`` asks for: the source, the destination, the configuration, and what is left out."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.dicom.managing.filters import read_one, scopes_in
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.google_error import ApiError

Kind = Literal["datasets", "dicomStores", "fhirStores"]
SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}"
DATASET = rf"projects/{SEGMENT}/locations/(?P<location>{SEGMENT})/datasets/{SEGMENT}"
NAMES: Mapping[Kind, re.Pattern[str]] = {
    "datasets": re.compile(DATASET),
    "dicomStores": re.compile(rf"{DATASET}/dicomStores/{SEGMENT}"),
    "fhirStores": re.compile(rf"{DATASET}/fhirStores/{SEGMENT}"),
}
FIELDS: Mapping[Kind, frozenset[str]] = {
    "datasets": frozenset({"config", "gcsConfigUri", "destinationDataset"}),
    "dicomStores": frozenset({"config", "gcsConfigUri", "destinationStore", "filterConfig"}),
    "fhirStores": frozenset({"config", "gcsConfigUri", "destinationStore", "resourceFilter", "skipModifiedResources"}),
}
"""The fields of each request, by the discovery document of v1."""
BETA = frozenset({"dicomTagConfig", "fhirFieldConfig", "operationMetadata"})
"""Fields of v1beta1's DeidentifyConfig."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    source: str
    destination: str
    config: bytes
    """The JSON of a DeidentifyConfig."""
    paths: tuple[Scope, ...] | None = None
    """The studies, series and instances of ``filterConfig``; None for all."""
    resources: Collection[str] | None = None
    """``Patient/1234``, of ``resourceFilter``; None for all."""
    skips_modified: bool = False


def read_request(kind: Kind, source: str, body: dict[str, Any], buckets: Buckets) -> Asked:
    """Return what *body* asks for; raises an ApiError with the field that is wrong. Does blocking work."""
    for name in body:
        if name not in FIELDS[kind]:
            raise ApiError(400, f"the request has a field that is not one of {', '.join(sorted(FIELDS[kind]))}")
    destination = _destination(kind, source, body)
    return Asked(
        source,
        destination,
        _config(body, buckets),
        scopes_in(body, source, buckets),
        _resources(body),
        _flag(body, "skipModifiedResources"),
    )


def _destination(kind: Kind, source: str, body: dict[str, Any]) -> str:
    field = "destinationDataset" if kind == "datasets" else "destinationStore"
    name = body.get(field)
    found = NAMES[kind].fullmatch(name) if isinstance(name, str) else None
    if found is None:
        raise ApiError(400, f"{field} is required, and is no name of {kind} in the form projects/…/datasets/…")
    if name == source:
        raise ApiError(400, f"{field} is the source; name another one")
    here = NAMES[kind].fullmatch(source)
    if here is None or here["location"] != found["location"]:
        raise ApiError(400, f"{field} is in another location than the source")
    return found[0]


def _config(body: dict[str, Any], buckets: Buckets) -> bytes:
    config, uri = body.get("config"), body.get("gcsConfigUri")
    if config is not None and uri is not None:
        raise ApiError(400, "only one of config and gcsConfigUri can be specified")
    if uri is not None:
        config = _json(read_one(buckets, uri, "gcsConfigUri"))
    if not isinstance(config or {}, dict):
        raise ApiError(400, "the configuration is no DeidentifyConfig")
    if beta := BETA & (config or {}).keys():
        raise ApiError(501, f"{min(beta)} is a field of v1beta1 that the sandbox does not have")
    return json.dumps(config or {}).encode()


def _json(octets: bytes) -> Any:
    try:
        return json.loads(octets)
    except (ValueError, RecursionError):
        raise ApiError(400, "the object of gcsConfigUri is no JSON") from None


def _resources(body: dict[str, Any]) -> Collection[str] | None:
    given: Any = body.get("resourceFilter")
    for name in ("resources", "resources"):  # FhirFilter.resources is a message Resources, with a list `resources`
        if given is None:
            return None
        if not isinstance(given, dict) or set(given) - {name}:
            raise ApiError(400, 'resourceFilter needs the form {"resources": {"resources": ["Patient/1234"]}}')
        given = given.get(name)
    if given is not None and not (isinstance(given, list) and all(isinstance(each, str) for each in given)):
        raise ApiError(400, 'resourceFilter needs the form {"resources": {"resources": ["Patient/1234"]}}')
    return frozenset(given) if given else None


def _flag(body: dict[str, Any], name: str) -> bool:
    if not isinstance(body.get(name, False), bool):
        raise ApiError(400, f"{name} is not true or false")
    return bool(body.get(name))
