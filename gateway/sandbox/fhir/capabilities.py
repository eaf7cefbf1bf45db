"""The CapabilityStatement: what this store can do, made from the table of search parameters."""

from functools import cache
from typing import Any

from gateway.sandbox.fhir.definitions.parameters import parameters

# The date of this description; it is changed with it.
DATE = "2026-11-29"
_INTERACTIONS = ("read", "vread", "update", "patch", "delete", "history-instance", "create", "search-type")


def capability_statement(base_url: str) -> dict[str, Any]:
    """Return the statement of a store at *base_url*."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "implementation": {"description": "The FHIR store of Hilum's sandbox", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [_rest()],
    }


@cache
def _rest() -> dict[str, Any]:
    return {
        "mode": "server",
        "resource": [_resource(kind) for kind in sorted(parameters())],
        "interaction": [{"code": "transaction"}, {"code": "batch"}, {"code": "search-system"}],
    }


def _resource(kind: str) -> dict[str, Any]:
    known = [each for each in parameters()[kind].values() if each.kind != "special"]
    references = [f"{kind}:{each.code}" for each in known if each.kind == "reference"]
    resource: dict[str, Any] = {
        "type": kind,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "searchParam": [{"name": each.code, "type": each.kind} for each in known],
    }
    return {**resource, "searchInclude": references} if references else resource
