"""Entries for the tests of merging and planning."""

from typing import Any

from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.stamps import Stamps

Json = dict[str, Any]


def entry(resource: Json, day: int = 0, *, token: str = "1", stub: bool = False, **words: Any) -> Entry:
    """Return an entry about the thing *token*, of that day of May, or of no time."""
    condition = f"identifier=s%7C{token}"
    kind = resource.get("resourceType", "Patient")
    request = {"method": "PUT", "url": f"{kind}?{condition}"}
    if stub:
        request = {"method": "POST", "url": kind, "ifNoneExist": condition}
    body = {"resourceType": kind, "identifier": [{"system": "s", "value": token}], **resource}
    as_of = f"2024-05-{day:02}" if day else ""
    return Entry(int(token), f"urn:uuid:{token}", kind, body, request, ("s", token), stub, as_of=as_of, **words)


def plain(resource: Json | None) -> Json:
    """Return a resource without what is about its storage."""
    assert resource is not None
    return {name: each for name, each in resource.items() if name not in {"meta", "identifier", "id", "resourceType"}}


def kept(resource: Json) -> Stamps:
    """Return what is kept with a resource."""
    return Stamps.of(resource)
