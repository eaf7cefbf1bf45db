"""What one request does to a store, alone or as the entry of a bundle: the interactions of R4 http.html."""

from dataclasses import dataclass
from typing import Any

from gateway.sandbox.fhir import conditional
from gateway.sandbox.fhir.outcome import FhirError, invalid, not_found
from gateway.sandbox.fhir.patching import patched
from gateway.sandbox.fhir.session import Held, Session, check_match
from gateway.sandbox.fhir.shape import ID, check_resource, check_type


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an interaction; *held* is None where nothing was deleted."""

    status: int
    held: Held | None
    with_body: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """The address of an interaction: a type, an instance of it, or the condition that chooses one."""

    type: str
    id: str = ""
    condition: str | None = None


def create(session: Session, resource: Any, resource_type: str, if_none_exist: str | None = None) -> Done:
    """Create a resource; with a condition that matches, nothing is written and the match is the answer."""
    check_type(resource_type)
    resource = check_resource(resource, resource_type)
    if if_none_exist is not None:
        found = conditional.match(session, resource_type, if_none_exist)
        if found is not None:
            return Done(200, found)
    return Done(201, session.create({name: value for name, value in resource.items() if name != "id"}))


def update(session: Session, resource: Any, target: Target, if_match: str | None = None) -> Done:
    """Replace a resource, or create it."""
    check_type(target.type)
    resource = check_resource(resource, target.type)
    if target.condition is not None:
        return _conditional_update(session, resource, target, if_match)
    if not ID.fullmatch(target.id):
        raise invalid("the id of the address is not an id")
    if resource.get("id") != target.id:
        raise invalid(f'error at "{target.type}.id": it is not the id of the address')
    before = session.find(target.type, target.id)
    held = session.update(resource, target.id, if_match)
    return Done(200 if before and not before.deleted else 201, held)


def _conditional_update(session: Session, resource: dict[str, Any], target: Target, if_match: str | None) -> Done:
    found = conditional.match(session, target.type, target.condition or "")
    if found is not None:
        if resource.get("id", found.id) != found.id:
            raise invalid(f'error at "{target.type}.id": it is not the id of the match')
        return Done(200, session.update(resource, found.id, if_match))
    check_match(None, if_match)
    identifier = resource.get("id")
    if identifier is None:
        return Done(201, session.create(resource))
    if not session.flags.update_create:
        raise not_found("nothing matches, and enableUpdateCreate is not set: the resource may have no id")
    existing = session.find(target.type, identifier)
    if existing is not None and not existing.deleted:
        raise FhirError(409, "duplicate", "conflict", "nothing matches, and another resource has the id")
    return Done(201, session.update(resource, identifier))


def patch(session: Session, operations: Any, target: Target, if_match: str | None = None) -> Done:
    """Apply a JSON Patch to a resource; a condition must match one."""
    before = resolve(session, target)
    if before is None:
        raise not_found("the condition of the patch matches no resource")
    check_match(before, if_match)
    resource = check_resource(patched(before.resource(), operations), target.type)
    if resource.get("id") != before.id:
        raise invalid(f'error at "{target.type}.id": a patch cannot change it')
    return Done(200, session.update(resource, before.id, method="PATCH"))


def delete(session: Session, target: Target, if_match: str | None = None) -> Done:
    """Delete a resource; one that is not there is deleted."""
    check_type(target.type)
    if target.condition is not None:
        found = conditional.match(session, target.type, target.condition)
        return Done(200, session.delete(target.type, found.id, if_match) if found else None, with_body=False)
    return Done(200, session.delete(target.type, target.id, if_match), with_body=False)


def read(session: Session, target: Target) -> Done:
    """Read the current version."""
    check_type(target.type)
    return Done(200, session.read(target.type, target.id))


def vread(session: Session, target: Target, version_id: str) -> Done:
    """Read one version, current or not."""
    check_type(target.type)
    held = session.find(target.type, target.id)
    for each in session.versions(held) if held else []:
        if each.version_id == version_id:
            if each.deleted:
                raise FhirError(410, "deleted", "resource_deleted", "the version is a deletion")
            return Done(200, each)
    raise not_found("there is no such version")


def purge(session: Session, target: Target) -> None:
    """Remove the earlier versions, and a deleted resource altogether."""
    check_type(target.type)
    held = session.find(target.type, target.id)
    if held is None:
        raise not_found()
    session.connection.execute("DELETE FROM fhir_versions WHERE rid = ?", (held.rid,))
    if held.deleted:
        session.connection.execute("DELETE FROM fhir_resources WHERE rid = ?", (held.rid,))


def resolve(session: Session, target: Target) -> Held | None:
    """Return the resource that an address is about, None if a condition matches nothing."""
    check_type(target.type)
    if target.condition is not None:
        return conditional.match(session, target.type, target.condition)
    return session.read(target.type, target.id)
