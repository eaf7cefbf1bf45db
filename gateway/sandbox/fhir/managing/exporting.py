"""``:export`` and ``$export``: the current resources as one file of lines for each type."""

from collections.abc import Mapping
from typing import Any

from gateway.sandbox.fhir.managing.buckets import Buckets
from gateway.sandbox.fhir.managing.operations import Finished
from gateway.sandbox.fhir.search.moments import interval
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.fhir.shape import check_type
from gateway.sandbox.google_error import ApiError


def export_resources(session: Session, buckets: Buckets, prefix: str, asked: Mapping[str, Any]) -> Finished:
    """Write the resources below *prefix*; *asked* may have ``_type`` and ``_since``."""
    types = [each for each in str(asked.get("_type", "")).split(",") if each]
    for each in types:
        check_type(each)
    since = read_time(asked["_since"]) if asked.get("_since") else 0
    lines: dict[str, list[bytes]] = {}
    rows = session.connection.execute(
        "SELECT type, body FROM fhir_resources WHERE store = ? AND deleted = 0 AND version > ? ORDER BY type, rid",
        (session.store, since),
    )
    for kind, body in rows:
        if not types or kind in types:
            lines.setdefault(kind, []).append(body)
    written = [
        {"type": kind, "url": buckets.write(prefix, f"{kind}.ndjson", found), "count": len(found)}
        for kind, found in lines.items()
    ]
    return Finished("ExportResources", sum(map(len, lines.values())), response={"output": written})


def read_time(text: object) -> int:
    """Return a moment of a request in microseconds; raises a 400 if it is none."""
    span = interval(text.replace(" ", "+")) if isinstance(text, str) else None
    if span is None:
        raise ApiError(400, "a time of the request is not a time")
    return span[0]
