"""Orders that replace others: ORC-1 RP, and RO after it (HL7 2.5.1, 4.5.1.1)."""

from collections.abc import Iterable

from adapters.fhir.bundle import Json, Resource

REPLACED, REPLACEMENT = frozenset({"RP", "RU", "RQ"}), "RO"


def link_replacements(made: Iterable[tuple[str, Resource]]) -> None:
    """Link each replacement with the orders before it that it replaces; *made* has ORC-1 with each order."""
    old: list[Json] = []
    is_new = True
    for control, request in made:
        if control in REPLACED:
            old = [request.reference] if is_new else [*old, request.reference]
            is_new = False
        elif control == REPLACEMENT and old:
            request.own("replaces", old)
            is_new = True
        else:
            old = []
