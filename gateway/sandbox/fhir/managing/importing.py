"""``:import``: resources of files, without versions, notifications or a check of references; what fails is listed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.sandbox.buckets.folders import Object
from gateway.sandbox.fhir.bodies import read_json, write_json
from gateway.sandbox.fhir.outcome import FhirError, invalid
from gateway.sandbox.fhir.session import Held, Session
from gateway.sandbox.fhir.shape import check_resource
from gateway.sandbox.operations.records import Failed

STRUCTURES = {"BUNDLE", "RESOURCE", "BUNDLE_PRETTY", "RESOURCE_PRETTY"}


@dataclass(frozen=True, slots=True)
class Document:
    """A line of a file, or the whole of a file."""

    place: str
    octets: bytes


@dataclass(slots=True)
class Imported:
    """What became of some documents."""

    success: int = 0
    failed: list[Failed] = field(default_factory=list)


def documents(objects: Iterable[Object], structure: str) -> Iterator[Document]:
    """Yield the documents of files: lines with their numbers, or whole files where the structure is a pretty one."""
    for each in objects:
        if structure.endswith("_PRETTY"):
            yield Document(each.uri, each.path.read_bytes())
            continue
        with each.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield Document(f"{each.uri}:{number}", line)


def import_documents(session: Session, found: Sequence[Document], structure: str) -> Imported:
    """Store the resources of documents. Nothing is undone for one that fails."""
    done = Imported()
    for document in found:
        try:
            resources = list(_resources(read_json(document.octets), structure))
        except ValueError:
            done.failed.append((document.place, "it is not JSON"))
        except FhirError as error:
            done.failed.append((document.place, error.diagnostics))
        else:
            for place, resource in resources:
                _put(session, resource, f"{document.place}{place}", done)
    return done


def _put(session: Session, resource: Any, place: str, done: Imported) -> None:
    try:
        checked = check_resource(resource)
        if "id" not in checked:
            raise invalid("an imported resource needs an id")
        put(session, checked)
    except FhirError as error:
        done.failed.append((place, error.diagnostics))
    else:
        done.success += 1


def _resources(document: Any, structure: str) -> Iterator[tuple[str, Any]]:
    """Yield the resources of a document, each with its place in a bundle."""
    if structure.startswith("RESOURCE"):
        yield "", document
        return
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise invalid("it is no Bundle; contentStructure RESOURCE is for lines that are resources")
    if document.get("type") == "history":
        raise invalid("a bundle of type history cannot be imported")
    entries = document.get("entry", [])
    if not isinstance(entries, list):
        raise invalid('error at "Bundle.entry": expected a list')
    for number, entry in enumerate(entries):
        yield f" entry[{number}]", entry.get("resource") if isinstance(entry, dict) else None


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
