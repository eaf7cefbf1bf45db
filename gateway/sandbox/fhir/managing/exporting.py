"""``:export`` and ``$export``: which resources are written, and into which files of lines."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.fhir.search.moments import interval
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.fhir.shape import check_type
from gateway.sandbox.google_error import ApiError


@dataclass(frozen=True, slots=True)
class Chosen:
    """What ``_type`` and ``_since`` of a request choose."""

    types: frozenset[str] = frozenset()
    """Empty for all."""
    since: int = 0
    """Microseconds since 1970."""

    @classmethod
    def read(cls, asked: Mapping[str, Any]) -> "Chosen":
        """Return what a request chooses; raises a 400 for a time that is none, and a 404 for an unknown type."""
        types = frozenset(each for each in str(asked.get("_type", "")).split(",") if each)
        for each in types:
            check_type(each)
        return cls(types, read_time(asked["_since"]) if asked.get("_since") else 0)


def rows_by_type(session: Session, chosen: Chosen) -> dict[str, list[int]]:
    """Return the rows of the current resources that are chosen, by type."""
    found: dict[str, list[int]] = {}
    rows = session.connection.execute(
        "SELECT type, rid FROM fhir_resources WHERE store = ? AND deleted = 0 AND version > ? ORDER BY type, rid",
        (session.store, chosen.since),
    )
    for kind, rid in rows:
        if not chosen.types or kind in chosen.types:
            found.setdefault(kind, []).append(rid)
    return found


def bodies(connection: sqlite3.Connection, rows: Sequence[int]) -> list[bytes]:
    """Return the resources of some rows in their order, without those that were deleted meanwhile."""
    marks = ", ".join("?" * len(rows))
    found = dict(
        connection.execute(
            f"SELECT rid, body FROM fhir_resources WHERE deleted = 0 AND rid IN ({marks})",  # noqa: S608
            list(rows),
        ).fetchall()
    )
    return [bytes(found[row]) for row in rows if row in found]


def read_time(text: object) -> int:
    """Return a moment of a request in microseconds; raises a 400 if it is none."""
    span = interval(text.replace(" ", "+")) if isinstance(text, str) else None
    if span is None:
        raise ApiError(400, "a time of the request is not a time")
    return span[0]
