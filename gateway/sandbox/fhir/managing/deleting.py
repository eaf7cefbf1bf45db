"""``:bulkDelete``: current resources, earlier versions, or both, by type, time or a list of addresses."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.fhir.managing.exporting import read_time
from gateway.sandbox.fhir.search.index import remove
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.operations.records import Finished

VERSIONS = {"ALL", "CURRENT_ONLY", "HISTORY_ONLY"}


def bulk_delete(session: Session, buckets: Buckets, asked: Mapping[str, Any]) -> Finished:
    """Delete what is asked for, or count it if ``validateOnly`` is set."""
    which = asked.get("versionConfig", "CURRENT_ONLY")
    if which not in VERSIONS:
        raise ApiError(400, "versionConfig is not known")
    source = asked.get("gcsSource", {}).get("uri")
    if source and (asked.get("type") or asked.get("until")):
        raise ApiError(400, "gcsSource cannot be combined with type and until")
    chosen = list(_listed(session, buckets, source) if source else _filtered(session, asked))
    earlier = 0
    if which != "CURRENT_ONLY":
        earlier = sum(_versions(session, rid) for rid, _, _ in chosen)
    if not asked.get("validateOnly"):
        for rid, kind, identifier in chosen:
            _delete(session, rid, kind, identifier, which)
        destination = asked.get("gcsDestination", {}).get("uriPrefix")
        if destination:
            buckets.write(destination, "deleted.txt", [f"{kind}/{name}".encode() for _, kind, name in chosen])
    return Finished(
        "fhir.FhirStoreService.BulkDeleteResources",
        0 if which == "HISTORY_ONLY" else len(chosen),
        secondary_success=earlier,
    )


def _versions(session: Session, rid: int) -> int:
    """Return how many earlier versions a resource has."""
    return int(session.connection.execute("SELECT COUNT(*) FROM fhir_versions WHERE rid = ?", (rid,)).fetchone()[0])


def _filtered(session: Session, asked: Mapping[str, Any]) -> Iterator[tuple[int, str, str]]:
    types = [each for each in str(asked.get("type", "")).split(",") if each]
    until = read_time(asked["until"]) if asked.get("until") else 1 << 62
    rows = session.connection.execute(
        "SELECT rid, type, id FROM fhir_resources WHERE store = ? AND version <= ?", (session.store, until)
    )
    for rid, kind, identifier in rows.fetchall():
        if not types or kind in types:
            yield rid, kind, identifier


def _listed(session: Session, buckets: Buckets, uri: str) -> Iterator[tuple[int, str, str]]:
    for path in buckets.objects(uri):
        for line in path.read_text().splitlines():
            kind, _, identifier = line.strip().partition("/")
            held = session.find(kind, identifier)
            if held is not None:
                yield held.rid, kind, identifier


def _delete(session: Session, rid: int, kind: str, identifier: str, which: str) -> None:
    if which != "CURRENT_ONLY":
        session.connection.execute("DELETE FROM fhir_versions WHERE rid = ?", (rid,))
    if which == "CURRENT_ONLY":
        session.delete(kind, identifier)
    elif which == "ALL":
        remove(session.connection, rid)
        for table in ("fhir_targets", "fhir_pending", "fhir_resources"):
            session.connection.execute(f"DELETE FROM {table} WHERE rid = ?", (rid,))  # noqa: S608 - fixed names
