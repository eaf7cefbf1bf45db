"""``:rollback``: every resource as it was at a moment, written as a new version."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.fhir.managing.exporting import read_time
from gateway.sandbox.fhir.session import Held, Session
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.operations.records import Finished

CHANGES = {"CHANGE_TYPE_UNSPECIFIED", "ALL", "CREATE", "UPDATE", "DELETE"}


def rollback(session: Session, buckets: Buckets, asked: Mapping[str, Any]) -> Finished:
    """Undo the changes since ``rollbackTime``; without ``force`` only the list of them is written."""
    if asked.get("filteringFields") or asked.get("excludeRollbacks"):
        raise ApiError(501, "the sandbox does not support filteringFields and excludeRollbacks")
    if not asked.get("resultGcsBucket") or not asked.get("rollbackTime"):
        raise ApiError(400, "resultGcsBucket and rollbackTime are required")
    wanted = asked.get("changeType", "ALL")
    if wanted not in CHANGES:
        raise ApiError(400, "changeType is not known")
    changed = [
        (now, then)
        for now, then in _changed(session, buckets, asked)
        if wanted in {"ALL", "CHANGE_TYPE_UNSPECIFIED", _change(now, then)}
    ]
    for now, then in changed if asked.get("force") else ():
        _undo(session, now, then)
    lines = [f"{now.type}/{now.id}".encode() for now, _ in changed]
    buckets.write(f"gs://{asked['resultGcsBucket'].removeprefix('gs://')}", "rollback.txt", lines)
    return Finished("fhir.FhirStoreService.RollbackFhirResources", len(changed))


def _changed(session: Session, buckets: Buckets, asked: Mapping[str, Any]) -> Iterator[tuple[Held, Held | None]]:
    """Yield the resources that are not as they were, with what they were; None if they were not there."""
    moment = read_time(asked["rollbackTime"])
    listed = asked.get("inputGcsObject")
    names = {line for path in buckets.objects(listed) for line in path.read_text().split()} if listed else None
    rows = session.connection.execute(
        "SELECT type, id FROM fhir_resources WHERE store = ? AND version > ? ORDER BY rid", (session.store, moment)
    )
    for kind, identifier in rows.fetchall():
        held = session.find(kind, identifier)
        if held is None or (asked.get("type") and kind not in asked["type"]):
            continue
        if names is None or f"{kind}/{identifier}" in names:
            earlier = [each for each in session.versions(held) if each.version <= moment]
            then = earlier[0] if earlier and not earlier[0].deleted else None
            if then is not None or not held.deleted:
                yield held, then


def _change(now: Held, then: Held | None) -> str:
    if then is None:
        return "CREATE"
    return "DELETE" if now.deleted else "UPDATE"


def _undo(session: Session, now: Held, then: Held | None) -> None:
    if then is None:
        session.delete(now.type, now.id)
    else:
        session.restore(then)
