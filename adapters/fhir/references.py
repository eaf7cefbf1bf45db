"""References to what has no resource of its own here: an order by its number, a person in a role."""

from adapters.fhir.bundle import Json
from adapters.fhir.codes import coding
from adapters.fhir.context import Context
from adapters.fhir.datatypes import entity_identifier, practitioner
from adapters.fhir.systems import TERMINOLOGY

ROLES = {"enterer": f"{TERMINOLOGY}provenance-participant-type"}
"""Roles that are codes; others are words."""


def order_reference(raw: str, context: Context, kind: str, target: str = "ServiceRequest") -> Json | None:
    """EI: a reference to an order by its number. The message does not say enough of the order to make it."""
    found = entity_identifier(raw, context, kind)
    return {"type": target, "identifier": found} if found else None


def contact(raw: str, context: Context, role: str) -> Json | None:
    """XCN: somebody who takes part in an appointment in this role."""
    found = practitioner(raw, context)
    if not found:
        return None
    return {"type": [{"coding": [coding(role, ROLES[role])]} if role in ROLES else {"text": role}], "actor": found}


def provider(raw: str, context: Context, role: str) -> Json | None:
    """XCN: somebody who did something, with the role of HL7 table 0443."""
    found = practitioner(raw, context)
    return {"function": {"coding": [coding(role, f"{TERMINOLOGY}v2-0443")]}, "actor": found} if found else None
