"""The versions of one resource as a Bundle, in pages."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.sandbox.fhir.interactions import Target
from gateway.sandbox.fhir.outcome import bad_query, not_found
from gateway.sandbox.fhir.search.moments import interval
from gateway.sandbox.fhir.search.query import DEFAULT_COUNT, LARGEST_COUNT
from gateway.sandbox.fhir.session import Held, Session
from gateway.sandbox.fhir.shape import check_type

_STATUS = {"POST": "201 Created", "DELETE": "200 OK"}


def history(session: Session, target: Target, query: Mapping[str, str], base_url: str) -> dict[str, Any]:
    """Return a page of the history, the latest version first; deletions are in it."""
    check_type(target.type)
    held = session.find(target.type, target.id)
    if held is None:
        raise not_found()
    versions = [each for each in session.versions(held) if _wanted(each, query)]
    count = query.get("_count", "")
    size = min(int(count) or DEFAULT_COUNT, LARGEST_COUNT) if count.isdecimal() and len(count) < 9 else DEFAULT_COUNT
    rest = [each for each in versions if each.version < _before(query.get("_page_token", ""))]
    url = f"{base_url}/{target.type}/{target.id}/_history"
    links = [{"relation": "self", "url": url}]
    if len(rest) > size:
        token = base64.urlsafe_b64encode(str(rest[size - 1].version).encode()).decode()
        links.append({"relation": "next", "url": f"{url}?_count={size}&_page_token={token}"})
    return {
        "resourceType": "Bundle",
        "type": "history",
        "total": len(versions),
        "link": links,
        "entry": [_entry(each, base_url) for each in rest[:size]],
    }


def _before(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 1 << 62
    except ValueError:
        raise bad_query("_page_token is not valid") from None


def _wanted(held: Held, query: Mapping[str, str]) -> bool:
    for name in ("_since", "_at"):
        if name in query:
            span = interval(query[name].replace(" ", "+"))
            if span is None:
                raise bad_query(f"{name} is not a date")
            if held.version < span[0] or (name == "_at" and held.version >= span[1]):
                return False
    return True


def _entry(held: Held, base_url: str) -> dict[str, Any]:
    address = f"{held.type}/{held.id}"
    entry: dict[str, Any] = {
        "fullUrl": f"{base_url}/{address}",
        "request": {"method": held.method, "url": held.type if held.method == "POST" else address},
        "response": {
            "status": _STATUS.get(held.method, "200 OK"),
            "etag": f'W/"{held.version_id}"',
            "lastModified": held.updated,
        },
    }
    return entry if held.deleted else {**entry, "resource": msgspec.Raw(held.body)}
