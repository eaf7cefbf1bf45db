"""One entry of a bundle: what it asks for, and the answer to it."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec

from gateway.sandbox.fhir.bodies import read_json
from gateway.sandbox.fhir.interactions import Done, Target
from gateway.sandbox.fhir.outcome import FhirError, invalid, not_supported, outcome
from gateway.sandbox.fhir.shape import check_resource, check_type

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
JSON_PATCH = "application/json-patch+json"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that has been read."""

    position: int
    method: str
    target: Target
    full_url: str
    resource: Any
    if_match: str | None
    if_none_exist: str | None
    version: str
    """Of a GET of one version."""


def read_entry(position: int, entry: Any) -> Entry:
    """Return what an entry asks for; raises a 400 with its place."""
    try:
        return _read(position, entry)
    except FhirError as error:
        raise error.within(f"entry[{position}]") from None


def _read(position: int, entry: Any) -> Entry:
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise invalid("request is missing")
    if _text(request, "method") not in METHODS or _text(request, "url") is None:
        raise invalid("request needs method and url")
    method = request["method"]
    target, version = _address(method, request["url"])
    check_type(target.type)
    resource = entry.get("resource")
    if method in {"POST", "PUT"}:
        check_resource(resource, target.type)
        if target.id and resource.get("id") != target.id:
            raise invalid(f'error at "{target.type}.id": it is not the id of the address')
    elif method == "PATCH":
        resource = _operations(resource)
    return Entry(
        position,
        method,
        target,
        _text(entry, "fullUrl") or "",
        resource,
        _text(request, "ifMatch"),
        _text(request, "ifNoneExist"),
        version,
    )


def _text(element: dict[str, Any], name: str) -> str | None:
    value = element.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} is not a string")
    return value


def _address(method: str, url: str) -> tuple[Target, str]:
    path, mark, query = url.partition("?")
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if method == "GET":
        if mark or len(parts) == 1:
            raise not_supported("a search within a bundle is not supported")
        if len(parts) == 4 and parts[2] == "_history":
            return Target(parts[0], parts[1]), parts[3]
    if len(parts) == 2 and not mark and method != "POST":
        return Target(parts[0], parts[1]), ""
    if len(parts) == 1 and method == "POST" and not mark:
        return Target(parts[0]), ""
    if len(parts) == 1 and method in {"PUT", "PATCH", "DELETE"} and mark:
        return Target(parts[0], condition=query), ""
    raise invalid("request.url does not fit its method")


def _operations(resource: Any) -> Any:
    """Return the JSON Patch that a Binary carries (R4 http#patch)."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "Binary":
        raise invalid("a PATCH in a bundle has a Binary with a JSON Patch")
    if resource.get("contentType") != JSON_PATCH or not isinstance(resource.get("data"), str):
        raise invalid(f"a PATCH in a bundle has a Binary of {JSON_PATCH}")
    try:
        return read_json(base64.b64decode(resource["data"], validate=True))
    except (ValueError, binascii.Error):
        raise invalid("the JSON Patch of the Binary cannot be read") from None


def answer(done: Done, base_url: str) -> dict[str, Any]:
    """Return the entry of the response for what was done."""
    response: dict[str, Any] = {"status": _STATUS[done.status]}
    held = done.held
    if held is None:
        return {"response": response}
    response["etag"] = f'W/"{held.version_id}"'
    response["lastModified"] = held.updated
    if not done.with_body:
        return {"response": response}
    response["location"] = f"{base_url}/{held.type}/{held.id}/_history/{held.version_id}"
    return {
        "fullUrl": f"{base_url}/{held.type}/{held.id}",
        "resource": msgspec.Raw(held.body),
        "response": response,
    }


def failure(error: FhirError) -> dict[str, Any]:
    """Return the entry of a batch's response for an entry that failed."""
    status = _STATUS.get(error.status, str(error.status))
    return {"response": {"status": status, "outcome": outcome(error)}}


_STATUS = {
    200: "200 OK",
    201: "201 Created",
    400: "400 Bad Request",
    404: "404 Not Found",
    409: "409 Conflict",
    410: "410 Gone",
    412: "412 Precondition Failed",
    422: "422 Unprocessable Entity",
    501: "501 Not Implemented",
}
