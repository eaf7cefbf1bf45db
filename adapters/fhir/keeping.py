"""Lists to which several fields of a segment contribute: an absent field leaves its items as they are (HL7 2.5.3).

The message owns the list as a whole, so it says which items of the list in the store stay: those that the absent field
would have written, as far as something in the item tells that.
"""

from collections.abc import Iterable
from functools import cache

from adapters.fhir.bundle import Resource
from adapters.fhir.reading import Segment
from adapters.fhir.tables import Row, rows

Share = tuple[str, tuple[tuple[int, frozenset[str]], ...]]
"""An element, and the fields that contribute to it, each with the names of its items: ``telecom(use=home)``."""
_TELLS = {
    "XTN": "use",
    "PL": "status",
    **dict.fromkeys(("CX", "EI", "TYPED", "PARTICIPANT"), "type.coding.code"),
    **dict.fromkeys(("PERFORMER", "PROVIDER"), "function.coding.code"),
}
"""What in an item the argument of its row is, by datatype."""
_CURRENT = ("active", "planned")
"""The statuses of the location in PV1-3."""


def shares(table: Iterable[Row]) -> tuple[Share, ...]:
    """Return the lists to which more than one of the rows contributes."""
    found: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for row in table:
        if row.steps and row.steps[-1].is_list and row.owned == row.steps[-1].name:
            found.setdefault(row.owned, []).append((row.number, _items(row)))
    return tuple((element, tuple(parts)) for element, parts in found.items() if len(parts) > 1)


@cache
def shares_of(table: str) -> tuple[Share, ...]:
    """Return those of a table of the step."""
    return shares(rows(table))


def keep(found: Iterable[Share], segment: Segment, resource: Resource) -> None:
    """Note the items of the absent fields, where another field of the same list is there."""
    for _, parts in found:
        given = [names for number, names in parts if segment.peek(number)]
        if given:
            absent = frozenset().union(*(names for number, names in parts if not segment.peek(number)))
            resource.keeps |= absent.difference(*given)


def _items(row: Row) -> frozenset[str]:
    tells = _TELLS.get(row.datatype)
    if tells is None or not row.argument:
        return frozenset()
    values = _CURRENT if row.argument == "current" else (row.argument,)
    return frozenset(f"{row.owned}({tells}={each})" for each in values)
