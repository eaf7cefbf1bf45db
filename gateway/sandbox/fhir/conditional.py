"""Conditional operations: Google's API takes one search only, ``identifier=system|value`` or ``identifier=value``."""

from urllib.parse import parse_qsl

from gateway.sandbox.fhir.outcome import FhirError, failed_precondition, not_supported
from gateway.sandbox.fhir.search.index import IDENTIFIER, number_of
from gateway.sandbox.fhir.search.query import IGNORED
from gateway.sandbox.fhir.search.sql import split_values, token_match
from gateway.sandbox.fhir.session import Held, Session, held_of


def identifier_of(query: str) -> str:
    """Return the value of the one parameter of a conditional operation."""
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in IGNORED]
    if len(pairs) != 1 or pairs[0][0] != IDENTIFIER:
        raise not_supported("conditional operations take identifier=system|value or identifier=value only")
    value = pairs[0][1]
    if not value.strip("|") or len(split_values(value)) != 1:
        raise FhirError(400, "invalid", "invalid_query", "the identifier of the condition is not system|value")
    return value


def match(session: Session, resource_type: str, query: str) -> Held | None:
    """Return the one resource that fulfils the condition; raises a 412 if there are several."""
    return match_value(session, resource_type, identifier_of(query))


def match_value(session: Session, resource_type: str, value: str) -> Held | None:
    """Return the one resource with an identifier; raises a 412 if there are several."""
    condition = token_match(value)
    rows = session.connection.execute(
        "SELECT r.rid, r.type, r.id, r.version, r.method, r.body FROM fhir_resources r"  # noqa: S608 - fixed fragments
        f" WHERE r.deleted = 0 AND r.rid IN (SELECT rid FROM fhir_token WHERE p = ? AND {condition.text}) LIMIT 2",
        (number_of(session.store, resource_type, IDENTIFIER), *condition.values),
    ).fetchall()
    if len(rows) > 1:
        raise failed_precondition("the condition matches more than one resource")
    return held_of(rows[0]) if rows else None
