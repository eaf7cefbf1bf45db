"""The columns of rows that come one after the other: those of all of them together."""

from collections.abc import Iterable
from typing import Any

Field = dict[str, Any]
"""A column as BigQuery writes it."""


def merged(first: Iterable[Field], second: Iterable[Field]) -> list[Field]:
    """Return the columns of both, those of records merged as well; a name means the same in both.

    BigQuery does not distinguish names by case, so a column has the name that came first.
    """
    found: dict[str, Field] = {each["name"].lower(): each for each in first}
    for each in second:
        key = each["name"].lower()
        known = found.get(key)
        if known is None:
            found[key] = each
        elif "fields" in known and "fields" in each:
            found[key] = {**known, "fields": merged(known["fields"], each["fields"])}
    return list(found.values())
