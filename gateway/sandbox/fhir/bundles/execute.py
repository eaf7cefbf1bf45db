"""Execute a bundle in the one transaction of the database: all of a transaction or nothing; of a batch what can be.

A transaction resolves every condition and ID first, so that links between entries can be written as they will be; then
it writes in R4's order (DELETE, POST, PUT and PATCH, GET), and checks the references last (R4 http#trules).
"""

import uuid
from dataclasses import replace
from typing import Any

from gateway.sandbox.fhir import conditional, interactions
from gateway.sandbox.fhir.bundles.entry import Entry, answer, failure, read_entry
from gateway.sandbox.fhir.interactions import Done, Target
from gateway.sandbox.fhir.outcome import FhirError, failed_precondition, invalid, not_found
from gateway.sandbox.fhir.references import resolved, rewritten
from gateway.sandbox.fhir.session import Session, check_match
from gateway.sandbox.fhir.shape import check_type

ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3}


def execute(session: Session, bundle: Any, base_url: str) -> dict[str, Any]:
    """Return the response to a batch or transaction; raises the one error of a transaction that fails."""
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise invalid('error at "resourceType": expected Bundle')
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise invalid('error at "entry": expected a list')
    if bundle.get("type") == "batch":
        answers = [_alone(session, position, entry, base_url) for position, entry in enumerate(entries)]
    elif bundle.get("type") == "transaction":
        answers = _together(session, entries, base_url)
    else:
        raise invalid('error at "type": expected transaction or batch')
    return {"resourceType": "Bundle", "type": f"{bundle['type']}-response", "entry": answers}


def _alone(session: Session, position: int, element: Any, base_url: str) -> dict[str, Any]:
    session.connection.execute("SAVEPOINT entry")
    before = list(session.changes)
    session.changes.clear()
    try:
        entry = read_entry(position, element)
        done = _do(session, entry)
        session.check_references()
    except FhirError as error:
        session.connection.execute("ROLLBACK TO entry")
        session.connection.execute("RELEASE entry")
        session.changes[:] = before
        return failure(error)
    session.connection.execute("RELEASE entry")
    session.changes[:0] = before
    return answer(done, base_url)


def _together(session: Session, elements: list[Any], base_url: str) -> list[dict[str, Any]]:
    if len(elements) > session.options.largest_transaction:
        raise FhirError(413, "too-costly", "bundle_too_large", "the transaction has too many entries")
    entries = [read_entry(position, element) for position, element in enumerate(elements)]
    plan = _Plan(session, base_url)
    for entry in entries:
        plan.take(entry)
    plan.link()
    answers: dict[int, dict[str, Any]] = {}
    for entry in sorted(plan.entries, key=lambda each: ORDER[each.method]):
        try:
            answers[entry.position] = answer(plan.do(entry), base_url)
        except FhirError as error:
            raise error.within(f"entry[{entry.position}]") from None
    plan.check_conditions()
    session.check_references()
    return [answers[position] for position in sorted(answers)]


class _Plan:
    """What every entry of a transaction will write, before the first write."""

    def __init__(self, session: Session, base_url: str) -> None:
        self.entries: list[Entry] = []
        self._session = session
        self._base_url = base_url
        self._written: set[tuple[str, str]] = set()
        self._conditions: set[tuple[str, str]] = set()
        self._links: dict[str, str] = {}
        self._found: dict[int, Done] = {}
        self._new: dict[int, str] = {}
        self._bodies: dict[int, dict[str, Any]] = {}

    def take(self, entry: Entry) -> None:
        """Resolve the condition and the ID of an entry; raises a 400 if another entry writes the same resource."""
        try:
            entry = self._resolved(entry)
        except FhirError as error:
            raise error.within(f"entry[{entry.position}]") from None
        self.entries.append(entry)
        if entry.full_url and entry.method in {"POST", "PUT"}:
            if entry.full_url in self._links:
                raise invalid(f'error at "entry[{entry.position}].fullUrl": another entry has it')
            self._links[entry.full_url] = f"{entry.target.type}/{entry.target.id}"

    def _resolved(self, entry: Entry) -> Entry:
        if entry.method == "GET":
            return entry
        identifier = self._identifier(entry)
        if entry.position not in self._found:
            if (entry.target.type, identifier) in self._written:
                raise invalid("another entry writes the same resource")
            self._written.add((entry.target.type, identifier))
        return replace(entry, target=Target(entry.target.type, identifier))

    def _identifier(self, entry: Entry) -> str:
        kind, condition = entry.target.type, entry.target.condition
        if entry.method == "POST":
            condition = entry.if_none_exist
        if condition is None:
            return self._own(entry) if entry.method == "POST" else entry.target.id
        key = (kind, conditional.identifier_of(condition))
        found = conditional.match(self._session, kind, condition)
        if entry.method == "POST" and found is not None:
            self._found[entry.position] = Done(200, found)
            return found.id
        if key in self._conditions:
            raise invalid("another entry has the same condition")
        self._conditions.add(key)
        if found is None:
            return self._without_match(entry)
        if entry.method == "PUT" and entry.resource.get("id", found.id) != found.id:
            raise invalid(f'error at "{kind}.id": it is not the id of the match')
        return found.id

    def _without_match(self, entry: Entry) -> str:
        if entry.method == "PATCH":
            raise not_found("the condition of the patch matches no resource")
        if entry.method == "DELETE":
            self._found[entry.position] = Done(200, None, with_body=False)
            return ""
        if entry.method == "PUT" and (given := entry.resource.get("id")):
            if not self._session.flags.update_create:
                raise not_found("nothing matches, and enableUpdateCreate is not set: the resource may have no id")
            existing = self._session.find(entry.target.type, given)
            if existing is not None and not existing.deleted:
                raise FhirError(409, "duplicate", "conflict", "nothing matches, and another resource has the id")
            return str(given)
        return self._own(entry)

    def _own(self, entry: Entry) -> str:
        self._new[entry.position] = str(uuid.uuid4())
        return self._new[entry.position]

    def link(self) -> None:
        """Write the references of all entries as they will be stored, before anything is stored."""
        for entry in self.entries:
            if entry.method in {"POST", "PUT"} and entry.position not in self._found:
                try:
                    body = rewritten(resolved(entry.resource, self._resolve), self._links)
                except FhirError as error:
                    raise error.within(f"entry[{entry.position}].resource") from None
                self._bodies[entry.position] = {**body, "id": entry.target.id}

    def do(self, entry: Entry) -> Done:
        """Execute an entry."""
        if entry.position in self._found:
            return self._found[entry.position]
        if entry.method not in {"POST", "PUT"}:
            return _do(self._session, entry)
        body = self._bodies[entry.position]
        if entry.position in self._new:
            check_match(None, entry.if_match)
            return Done(201, self._session.create(body, entry.target.id))
        before = self._session.find(entry.target.type, entry.target.id)
        held = self._session.update(body, entry.target.id, entry.if_match)
        return Done(200 if before and not before.deleted else 201, held)

    def check_conditions(self) -> None:
        """Raise a 412 if a condition now matches several: another entry has stored the same identifier."""
        for kind, value in self._conditions:
            conditional.match_value(self._session, kind, value)

    def _resolve(self, reference: str) -> str:
        """Return the target of a conditional reference, ``Patient?identifier=…``."""
        kind, _, query = reference.partition("?")
        if "/" in kind or ":" in kind:
            return reference
        check_type(kind)
        found = conditional.match(self._session, kind, query)
        if found is None:
            raise failed_precondition(f"a conditional reference matches no {kind}")
        return f"{kind}/{found.id}"


def _do(session: Session, entry: Entry) -> Done:
    target = entry.target
    if entry.method == "GET":
        return (
            interactions.vread(session, target, entry.version) if entry.version else interactions.read(session, target)
        )
    if entry.method == "POST":
        return interactions.create(session, entry.resource, target.type, entry.if_none_exist)
    if entry.method == "PUT":
        return interactions.update(session, entry.resource, target, entry.if_match)
    if entry.method == "PATCH":
        return interactions.patch(session, entry.resource, target, entry.if_match)
    return interactions.delete(session, target, entry.if_match)
