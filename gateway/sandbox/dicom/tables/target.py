"""Where rows go: a table of BigQuery, which an export names and whoever has the tables writes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.sandbox.dicom.tables.rows import Form
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import object_in

URI = re.compile(
    r"bq://(?P<project>[A-Za-z0-9][A-Za-z0-9.:_-]{0,99})\.(?P<dataset>\w{1,200})\.(?P<table>[\w-]{1,255})", re.ASCII
)
DISPOSITIONS = {"WRITE_EMPTY", "WRITE_TRUNCATE", "WRITE_APPEND"}
KEYS = {"tableUri", "force", "writeDisposition", "schemaFlattened", "schemaJson", "includeSourceStore"}


class Tables(Protocol):
    """The tables of BigQuery."""

    async def check(self, table: "Target") -> None:
        """Raise ApiError if a table cannot be there: its dataset is not."""

    async def write(
        self,
        table: "Target",
        fields: Sequence[Mapping[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        disposition: str,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Make the table if it is not there, with these columns, and write rows of JSON; raises ApiError.

        A table that is made gets the *labels*.
        """


@dataclass(frozen=True, slots=True)
class Target:
    """A table, and how it is written."""

    project: str
    dataset: str
    table: str
    disposition: str = "WRITE_EMPTY"
    form: Form = "flattened"
    with_source: bool = False


def read_target(asked: Mapping[str, Any]) -> Target:
    """Return what ``bigqueryDestination`` of a request names; raises a 400 for what is none."""
    found = object_in(asked, "bigqueryDestination", KEYS)
    name = URI.fullmatch(str(found.get("tableUri") or ""))
    if name is None:
        raise ApiError(400, "bigqueryDestination.tableUri needs the form bq://project.dataset.table")
    if "schemaFlattened" in found and "schemaJson" in found:
        raise ApiError(400, "one of schemaFlattened and schemaJson can be asked for")
    disposition = found.get("writeDisposition") or "WRITE_DISPOSITION_UNSPECIFIED"
    if disposition == "WRITE_DISPOSITION_UNSPECIFIED":  # force is the older way to say it
        disposition = "WRITE_TRUNCATE" if found.get("force") is True else "WRITE_EMPTY"
    if disposition not in DISPOSITIONS:
        raise ApiError(400, f"writeDisposition is not one of {', '.join(sorted(DISPOSITIONS))}")
    form: Form = "json" if "schemaJson" in found else "flattened"
    return Target(
        name["project"], name["dataset"], name["table"], disposition, form, bool(found.get("includeSourceStore"))
    )
