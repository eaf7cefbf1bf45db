"""The codes of a ValueSet that is in the store, for the modifiers ``:in`` and ``:not-in``."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class Codes(NamedTuple):
    """Single codes as (code, system), and systems of which every code belongs to the set."""

    codes: tuple[tuple[str, str], ...]
    systems: tuple[str, ...]


def codes_of(value_set: Any) -> Codes | None:
    """Return the codes that the value set lists; None if it needs a terminology server: for filters and imports."""
    expansion = value_set.get("expansion")
    if expansion:
        return Codes(tuple(_expanded(expansion.get("contains", []))), ())
    compose = value_set.get("compose", {})
    includes = compose.get("include", [])
    if not includes or compose.get("exclude") or any("filter" in each or "valueSet" in each for each in includes):
        return None
    listed = [(concept["code"], each.get("system", "")) for each in includes for concept in each.get("concept", [])]
    return Codes(tuple(listed), tuple(each["system"] for each in includes if "concept" not in each))


def _expanded(contains: list[Any]) -> Iterator[tuple[str, str]]:
    for each in contains:
        if "code" in each and not each.get("abstract"):
            yield each["code"], each.get("system", "")
        yield from _expanded(each.get("contains", []))
