"""Where rows go: a table of BigQuery, which an export or a stream names and whoever has the tables writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.reasoned_error import ReasonedError

DISPOSITIONS = {"WRITE_EMPTY", "WRITE_TRUNCATE", "WRITE_APPEND"}
UNSPECIFIED = "WRITE_DISPOSITION_UNSPECIFIED"


class RowsRefusedError(ReasonedError):
    """Some rows do not fit the table, so none of those that came with them is written."""

    def __init__(self, refused: Mapping[int, str]) -> None:
        super().__init__(400, next(iter(refused.values())))
        self.refused = refused
        """Which of the rows, from 0, and why; at least one."""


@dataclass(frozen=True, slots=True)
class Target:
    """A table, and how it is written."""

    project: str
    dataset: str
    table: str
    disposition: str = "WRITE_EMPTY"


class Tables(Protocol):
    """The tables of BigQuery."""

    async def check(self, table: Target) -> None:
        """Raise ApiError if a table cannot be there: its dataset is not."""

    async def check_empty(self, table: Target) -> None:
        """Raise a 409 if a table has rows, unless its disposition replaces them or adds to them."""

    async def write(
        self,
        table: Target,
        fields: Sequence[Mapping[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        disposition: str,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Make the table if it is not there, with these columns, and write rows of JSON, all or none; raises ApiError.

        Rows that do not fit are told by RowsRefusedError. A table that is made gets the *labels*.
        """


def read_disposition(asked: Mapping[str, Any]) -> str:
    """Return what ``writeDisposition`` and ``force`` of a ``bigqueryDestination`` mean; raises a 400."""
    found = asked.get("writeDisposition") or UNSPECIFIED
    if found == UNSPECIFIED:  # force is the older way to say it
        return "WRITE_TRUNCATE" if asked.get("force") is True else "WRITE_EMPTY"
    if not isinstance(found, str) or found not in DISPOSITIONS:
        raise ApiError(400, f"writeDisposition is not one of {', '.join(sorted(DISPOSITIONS))}")
    return found
