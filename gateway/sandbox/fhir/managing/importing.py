"""``:import``: resources of files, without versions, notifications or a check of references; a bad line is counted."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gateway.sandbox.fhir.bodies import read_json, write_json
from gateway.sandbox.fhir.managing.operations import Finished
from gateway.sandbox.fhir.outcome import FhirError, invalid
from gateway.sandbox.fhir.session import Held, Session
from gateway.sandbox.fhir.shape import check_resource

STRUCTURES = {"BUNDLE", "RESOURCE", "BUNDLE_PRETTY", "RESOURCE_PRETTY"}


def import_resources(session: Session, paths: Iterable[Path], structure: str) -> Finished:
    """Store what the files have. Nothing is undone for a line that fails."""
    success = failure = 0
    for path in paths:
        for octets in _documents(path, structure):
            try:
                resources = list(_resources(read_json(octets), structure))
                for resource in resources:
                    put(session, resource)
                success += len(resources)
            except (ValueError, FhirError):
                failure += 1
    return Finished("ImportResources", success, failure)


def _documents(path: Path, structure: str) -> Iterator[bytes]:
    if structure.endswith("_PRETTY"):
        yield path.read_bytes()
    else:
        with path.open("rb") as lines:
            yield from (line for line in lines if line.strip())


def _resources(document: Any, structure: str) -> Iterator[dict[str, Any]]:
    if structure.startswith("RESOURCE"):
        yield _checked(document)
        return
    bundle = check_resource(document, "Bundle")
    if bundle.get("type") == "history":
        raise invalid("a bundle of type history cannot be imported")
    for entry in bundle.get("entry", []):
        yield _checked(entry.get("resource") if isinstance(entry, dict) else None)


def _checked(resource: Any) -> dict[str, Any]:
    checked = check_resource(resource)
    if "id" not in checked:
        raise invalid("an imported resource needs an id")
    return checked


def put(session: Session, resource: dict[str, Any]) -> None:
    """Store a resource with its id, in the place of the one that has it."""
    kind, identifier = resource["resourceType"], resource["id"]
    before = session.find(kind, identifier)
    version = session.next_version()
    rid = before.rid if before else session.new_rid(kind, identifier)
    held = Held(rid, kind, identifier, version, "PUT", False, b"")
    meta = {**resource.get("meta", {}), "versionId": held.version_id, "lastUpdated": held.updated}
    stamped = {**resource, "meta": meta}
    held = Held(rid, kind, identifier, version, "PUT", False, write_json(stamped))
    session.put_row(held)
    session.reindex(held, stamped)
