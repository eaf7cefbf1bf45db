"""Names of projects, datasets, tables and jobs."""

import re
from dataclasses import dataclass

from aiohttp import web

from gateway.sandbox.reasoned_error import ReasonedError

PROJECT = re.compile(r"[a-z0-9][a-z0-9.:_-]{0,99}", re.IGNORECASE)
DATASET = re.compile(r"[A-Za-z0-9_]{1,200}")
TABLE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,254}")
JOB = re.compile(r"[A-Za-z0-9_-]{1,1024}")


@dataclass(frozen=True, slots=True)
class TableName:
    """A table with its dataset and project."""

    project: str
    dataset: str
    table: str

    @property
    def reference(self) -> dict[str, str]:
        """The name as a resource has it."""
        return {"projectId": self.project, "datasetId": self.dataset, "tableId": self.table}

    @property
    def schema(self) -> str:
        """The name of the schema of DuckDB that holds the table in a query."""
        return f"{self.project}.{self.dataset}"


def checked(kind: re.Pattern[str], text: object, what: str) -> str:
    """Return a name; raises a 400."""
    if not isinstance(text, str) or not kind.fullmatch(text) or ".." in text:
        raise ReasonedError(400, f"{what} is no valid name")
    return text


def table_of(reference: object, project: str) -> TableName:
    """Return the table that a resource names; raises a 400."""
    found = reference if isinstance(reference, dict) else {}
    return TableName(
        checked(PROJECT, found.get("projectId", project), "projectId"),
        checked(DATASET, found.get("datasetId"), "datasetId"),
        checked(TABLE, found.get("tableId"), "tableId"),
    )


def project_in(request: web.Request) -> str:
    """Return the project that a path names."""
    return checked(PROJECT, request.match_info["projectId"], "projectId")


def dataset_in(request: web.Request) -> str:
    """Return the dataset that a path names."""
    return checked(DATASET, request.match_info["datasetId"], "datasetId")


def table_in(request: web.Request) -> TableName:
    """Return the table that a path names."""
    return table_of({key: request.match_info[key] for key in ("projectId", "datasetId", "tableId")}, "")
