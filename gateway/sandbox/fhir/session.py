"""One FHIR store within one transaction of the database: read, write and delete. Runs in the database's thread."""

import base64
import re
import sqlite3
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.sandbox.fhir.bodies import read_json, write_json
from gateway.sandbox.fhir.outcome import FhirError, conflict, failed_precondition, invalid, not_found
from gateway.sandbox.fhir.references import references
from gateway.sandbox.fhir.search import index
from gateway.sandbox.fhir.search.moments import rfc3339_of
from gateway.sandbox.fhir.search.rows import read_link
from gateway.sandbox.fhir.settings import FhirOptions, StoreFlags

ACTIONS = {"PATCH": "PatchResource"}
_ELSEWHERE = re.compile(r"(?!urn:uuid:|urn:oid:)[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Held:
    """One version of a resource."""

    rid: int
    type: str
    id: str
    version: int
    method: str
    deleted: bool
    body: bytes

    @property
    def version_id(self) -> str:
        """The opaque version of Google's form: the moment of the write in base64."""
        return base64.urlsafe_b64encode(str(self.version).encode()).decode().rstrip("=")

    @property
    def updated(self) -> str:
        """When it was written, as an ``instant``."""
        return rfc3339_of(self.version)

    def resource(self) -> Any:
        """Return the resource as JSON values."""
        return read_json(self.body)


def held_of(row: Any) -> Held:
    """Return a current resource from its columns: rid, type, id, version, method, body."""
    return Held(row[0], row[1], row[2], row[3], row[4], False, row[5])


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did; notifications are made of it after the commit."""

    action: str
    """``CreateResource``, ``UpdateResource``, ``PatchResource`` or ``DeleteResource``."""
    held: Held
    previous: bytes = b""
    """Of a deletion: what was deleted."""


@dataclass(slots=True)
class Session:
    """Reads and writes the resources of one store. :meth:`check_references` is called last, before the commit."""

    connection: sqlite3.Connection
    store: int
    flags: StoreFlags
    options: FhirOptions
    last_version: int = 0
    changes: list[Change] = field(default_factory=list)

    def find(self, resource_type: str, identifier: str) -> Held | None:
        """Return the current version of a resource, which may be deleted."""
        row = self.connection.execute(
            "SELECT rid, type, id, version, method, deleted, body FROM fhir_resources"
            " WHERE store = ? AND type = ? AND id = ?",
            (self.store, resource_type, identifier),
        ).fetchone()
        return Held(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6]) if row else None

    def read(self, resource_type: str, identifier: str) -> Held:
        """Return a resource; raises a 404, or a 410 if it was deleted."""
        held = self.find(resource_type, identifier)
        if held is None:
            raise not_found()
        if held.deleted:
            raise FhirError(410, "deleted", "resource_deleted", "the resource was deleted")
        return held

    def versions(self, held: Held) -> list[Held]:
        """Return every version of a resource, the latest first."""
        rows = self.connection.execute(
            "SELECT version, method, body FROM fhir_versions WHERE rid = ? ORDER BY version DESC", (held.rid,)
        )
        earlier = [Held(held.rid, held.type, held.id, row[0], row[1], row[1] == "DELETE", row[2]) for row in rows]
        return [held, *earlier]

    def create(self, resource: dict[str, Any], identifier: str | None = None) -> Held:
        """Store a new resource with an ID of its own."""
        return self._write(resource["resourceType"], identifier or str(uuid.uuid4()), resource, "POST", None)

    def update(
        self, resource: dict[str, Any], identifier: str, if_match: str | None = None, method: str = "PUT"
    ) -> Held:
        """Replace a resource, or create it with the client's ID if the store allows that."""
        before = self.find(resource["resourceType"], identifier)
        check_match(before, if_match)
        if (before is None or before.deleted) and not self.flags.update_create:
            raise not_found("the resource does not exist, and enableUpdateCreate is not set")
        return self._write(resource["resourceType"], identifier, resource, method, before)

    def restore(self, then: Held) -> Held:
        """Write an earlier version again, as a new one."""
        return self._write(then.type, then.id, then.resource(), "PUT", self.find(then.type, then.id))

    def delete(self, resource_type: str, identifier: str, if_match: str | None = None) -> Held | None:
        """Delete a resource; returns the deletion, None if there was nothing to delete."""
        before = self.find(resource_type, identifier)
        check_match(before, if_match)
        if before is None or before.deleted:
            return None
        held = Held(before.rid, resource_type, identifier, self.next_version(), "DELETE", True, b"")
        self._keep(before)
        self.put_row(held)
        self.reindex(held)
        self.changes.append(Change("DeleteResource", held, before.body))
        return held

    def _write(
        self, resource_type: str, identifier: str, resource: dict[str, Any], method: str, before: Held | None
    ) -> Held:
        version = self.next_version()
        held = Held(before.rid if before else 0, resource_type, identifier, version, method, False, b"")
        meta = {**resource.get("meta", {}), "versionId": held.version_id, "lastUpdated": held.updated}
        stamped = {"resourceType": resource_type, "id": identifier, **resource}
        stamped.update(id=identifier, meta=meta)
        held = replace(held, body=write_json(stamped))
        if before is None:
            held = self._insert(held)
        else:
            self._keep(before)
            self.put_row(held)
        self.reindex(held, stamped, is_new=before is None)
        is_new = before is None or before.deleted
        self.changes.append(Change("CreateResource" if is_new else ACTIONS.get(method, "UpdateResource"), held))
        return held

    def _insert(self, held: Held) -> Held:
        """Write the first version of a resource; it can be found as soon as the index has it."""
        is_searchable = not self.options.index_delay
        made = self.connection.execute(
            "INSERT INTO fhir_resources (store, type, id, version, method, deleted, searchable, body)"
            " VALUES (?, ?, ?, ?, ?, 0, ?, ?) RETURNING rid",
            (self.store, held.type, held.id, held.version, held.method, is_searchable, held.body),
        )
        return replace(held, rid=int(made.fetchone()[0]))

    def new_rid(self, resource_type: str, identifier: str) -> int:
        """Return the row of a resource that is not there yet."""
        made = self.connection.execute(
            "INSERT INTO fhir_resources (store, type, id, version, method, deleted, searchable, body)"
            " VALUES (?, ?, ?, 0, '', 1, 0, x'') RETURNING rid",
            (self.store, resource_type, identifier),
        )
        return int(made.fetchone()[0])

    def next_version(self) -> int:
        """Return the moment of this write in microseconds, later than every write before it."""
        if not self.last_version:
            row = self.connection.execute("SELECT last_version FROM fhir_stores WHERE store = ?", (self.store,))
            self.last_version = row.fetchone()[0]
        self.last_version = max(time.time_ns() // 1000, self.last_version + 1)
        self.connection.execute(
            "UPDATE fhir_stores SET last_version = ? WHERE store = ?", (self.last_version, self.store)
        )
        return self.last_version

    def _keep(self, before: Held) -> None:
        if self.flags.versioning:
            self.connection.execute(
                "INSERT INTO fhir_versions VALUES (?, ?, ?, ?)",
                (before.rid, before.version, before.method, before.body),
            )

    def put_row(self, held: Held) -> None:
        """Make *held* the current version."""
        self.connection.execute(
            "UPDATE fhir_resources SET version = ?, method = ?, deleted = ?, body = ? WHERE rid = ?",
            (held.version, held.method, held.deleted, held.body, held.rid),
        )

    def reindex(self, held: Held, resource: dict[str, Any] | None = None, *, is_new: bool = False) -> None:
        """Write the index rows of the current version, or plan them for later if the index lags."""
        if not is_new:
            self.connection.execute("DELETE FROM fhir_targets WHERE rid = ?", (held.rid,))
        if held.deleted:
            index.remove(self.connection, held.rid)
            self.connection.execute("DELETE FROM fhir_pending WHERE rid = ?", (held.rid,))
            self.connection.execute("UPDATE fhir_resources SET searchable = 0 WHERE rid = ?", (held.rid,))
            return
        resource = held.resource() if resource is None else resource
        self._note_targets(held, resource)
        if self.options.index_delay:
            self._index_later(held, resource)
        else:
            self.index_now(held.rid, resource, is_new=is_new)

    def _note_targets(self, held: Held, resource: dict[str, Any]) -> None:
        for link in {read_link(reference.partition("#")[0]) for reference in references(resource)}:
            # Addresses elsewhere are not checked; what is neither one nor a resource of the store is broken.
            if link.type or (link.target and not _ELSEWHERE.match(link.target)):
                self.connection.execute(
                    "INSERT INTO fhir_targets VALUES (?, ?, ?, ?)", (self.store, link.type, link.target, held.rid)
                )

    def index_now(self, rid: int, resource: dict[str, Any], *, is_new: bool = False) -> None:
        """Write the index rows of a resource in place of its earlier ones, which a new one does not have."""
        if not is_new:
            index.remove(self.connection, rid)
            self.connection.execute("UPDATE fhir_resources SET searchable = 1 WHERE rid = ?", (rid,))
        index.add_all(self.connection, self.store, rid, resource)

    def _index_later(self, held: Held, resource: dict[str, Any]) -> None:
        number = index.number_of(self.store, held.type, index.IDENTIFIER)
        self.connection.execute("DELETE FROM fhir_token WHERE rid = ? AND p = ?", (held.rid, number))
        index.add_identifier(self.connection, self.store, held.rid, resource)
        due = time.time_ns() // 1000 + int(self.options.index_delay * 1_000_000)
        self.connection.execute("INSERT OR REPLACE INTO fhir_pending VALUES (?, ?)", (held.rid, due))

    def catch_up(self) -> None:
        """Write the index rows that are due."""
        due = self.connection.execute(
            "SELECT rid, body FROM fhir_pending JOIN fhir_resources USING (rid) WHERE due <= ? AND store = ?",
            (time.time_ns() // 1000, self.store),
        ).fetchall()
        for rid, body in due:
            self.index_now(rid, read_json(body))
            self.connection.execute("DELETE FROM fhir_pending WHERE rid = ?", (rid,))

    def check_references(self) -> None:
        """Raise an error if a resource that was written points to nothing, or a deleted one is pointed to."""
        if not self.flags.integrity:
            return
        for change in self.changes:
            if change.action == "DeleteResource":
                self._check_deleted(change.held)
            else:
                self._check_written(change.held)

    def _check_written(self, held: Held) -> None:
        missing = self.connection.execute(
            "SELECT t.type FROM fhir_targets t LEFT JOIN fhir_resources r"
            " ON r.store = t.store AND r.type = t.type AND r.id = t.id AND r.deleted = 0"
            " WHERE t.rid = ? AND r.rid IS NULL LIMIT 1",
            (held.rid,),
        ).fetchone()
        if missing:
            raise FhirError(
                400, "value", "reference_not_found", f"{held.type}: a reference {_to(missing[0])} is broken"
            )

    def _check_deleted(self, held: Held) -> None:
        now = self.find(held.type, held.id)
        if now is not None and not now.deleted:
            return
        pointing = self.connection.execute(
            "SELECT 1 FROM fhir_targets WHERE store = ? AND type = ? AND id = ? LIMIT 1",
            (self.store, held.type, held.id),
        ).fetchone()
        if pointing:
            raise conflict(f"{held.type}: another resource refers to the deleted one")


def _to(resource_type: str) -> str:
    return f"to {resource_type}" if resource_type else "that is no address of a resource"


def check_match(before: Held | None, if_match: str | None) -> None:
    """Raise a 412 if the version is not the one that ``If-Match`` names."""
    if if_match is None:
        return
    wanted = if_match.strip().removeprefix("W/")
    if len(wanted) < 2 or wanted[0] != '"' or wanted[-1] != '"':
        raise invalid('If-Match is not an ETag: it needs the form W/"versionId"')
    if before is None or before.deleted or before.version_id != wanted[1:-1]:
        raise failed_precondition("the version is not the one that If-Match names")
