"""The table that ``bigqueryDestination`` of a DICOM store names, and the form of its rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.dicom.tables.rows import Form
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import object_in
from gateway.sandbox.tables.target import Target, read_disposition

URI = re.compile(
    r"bq://(?P<project>[A-Za-z0-9][A-Za-z0-9.:_-]{0,99})\.(?P<dataset>\w{1,200})\.(?P<table>[\w-]{1,255})", re.ASCII
)
KEYS = {"tableUri", "force", "writeDisposition", "schemaFlattened", "schemaJson", "includeSourceStore"}


@dataclass(frozen=True, slots=True)
class InstanceTable(Target):
    """A table of instances."""

    form: Form = "flattened"
    with_source: bool = False


def read_target(asked: Mapping[str, Any]) -> InstanceTable:
    """Return what ``bigqueryDestination`` of a request names; raises a 400 for what is none."""
    found = object_in(asked, "bigqueryDestination", KEYS)
    name = URI.fullmatch(str(found.get("tableUri") or ""))
    if name is None:
        raise ApiError(400, "bigqueryDestination.tableUri needs the form bq://project.dataset.table")
    if "schemaFlattened" in found and "schemaJson" in found:
        raise ApiError(400, "one of schemaFlattened and schemaJson can be asked for")
    disposition = read_disposition(found)
    form: Form = "json" if "schemaJson" in found else "flattened"
    return InstanceTable(
        name["project"], name["dataset"], name["table"], disposition, form, bool(found.get("includeSourceStore"))
    )
