"""PDA: the cause of a patient's death."""

from adapters.fhir import rows
from adapters.fhir.bundle import Resource
from adapters.fhir.context import Context
from adapters.fhir.reading import NULL, Segment

CATEGORY = {"text": "cause of death"}


def cause_of_death(pda: Segment, owner: Resource, visit: Resource | None, context: Context) -> None:
    """Carry the cause; a patient has one, so that a later one replaces it."""
    if pda.peek(1) in {"", NULL}:
        return
    found = context.bundle.get("Condition", (*owner.key, "PDA"))
    rows.apply("PDA-Condition", pda, found, context)
    found.own("category", [CATEGORY])
    found.own("subject", owner.reference)
    if visit is not None:
        found.own("encounter", visit.reference)
