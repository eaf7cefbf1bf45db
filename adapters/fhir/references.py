"""References to what has no resource of its own here: an order or a device by its number, a person in a role."""

from adapters.fhir.actors import practitioner
from adapters.fhir.bundle import Json
from adapters.fhir.codes import coding, concept
from adapters.fhir.context import Context
from adapters.fhir.identifiers import entity_identifier
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


def device(raw: str, context: Context, _: str = "") -> Json | None:
    """Return a reference to a device of which only the identifier is known."""
    identifier = entity_identifier(raw, context)
    return {"identifier": identifier} if identifier else None


def producer(raw: str, context: Context, _: str = "") -> Json | None:
    """Return a reference to an organization that a code names."""
    made = concept(raw, context)
    if made is None:
        return None
    first: Json = next(iter(made.get("coding", ())), {})
    given = {name: first[key] for name, key in (("system", "system"), ("value", "code")) if key in first}
    return {**({"identifier": given} if given else {}), "display": made.get("text") or first["code"]}
