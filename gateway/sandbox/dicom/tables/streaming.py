"""``streamConfigs`` of a DICOM store: each new instance is a row, written when the instance is stored.

A row that cannot be written does not undo the instance: it is lost, as in the cloud, where a log tells it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from gateway.sandbox.clock import now
from gateway.sandbox.database import Database
from gateway.sandbox.dicom.file import Instance
from gateway.sandbox.dicom.tables.rows import About, row_of
from gateway.sandbox.dicom.tables.target import InstanceTable, read_target
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.stores import read_store
from gateway.sandbox.tables.columns import Field, merged
from gateway.sandbox.tables.target import Tables

CONFIGS = "streamConfigs"
log = structlog.get_logger()


class Streams:
    """Writes rows of new instances to the tables that their stores name."""

    def __init__(self, database: Database, tables: Tables | None) -> None:
        self._database, self._tables = database, tables

    @property
    def is_possible(self) -> bool:
        """Whether there are tables."""
        return self._tables is not None

    async def write(self, store: str, instances: Sequence[Instance]) -> None:
        """Write a row for each of some new instances. Never raises an ApiError."""
        if self._tables is None or not instances:
            return
        settings = await self._database.run(partial(read_store, name=store))
        for target in targets_in(settings):
            rows, fields = _rows(instances, target, store)
            try:
                await self._tables.write(target, fields, rows, "WRITE_APPEND")
            except ApiError as error:
                log.error("sandbox_request_failed", method="stream", error=error.status_name)


def targets_in(settings: dict[str, Any]) -> list[InstanceTable]:
    """Return the tables of ``streamConfigs``; raises a 400 for one that is none, or that is named twice."""
    configs = settings.get(CONFIGS) or []
    if not isinstance(configs, list) or not all(isinstance(each, dict) for each in configs):
        raise ApiError(400, f"{CONFIGS} must be objects with a bigqueryDestination")
    for each in configs:
        if set(each) - {"bigqueryDestination"}:
            raise ApiError(501, f"the sandbox supports bigqueryDestination of {CONFIGS} only")
    found = [replace(read_target(each), disposition="WRITE_APPEND") for each in configs]
    if len({(each.project, each.dataset, each.table) for each in found}) < len(found):
        raise ApiError(400, f"{CONFIGS} must name different tables")
    return found


def _rows(instances: Iterable[Instance], target: InstanceTable, store: str) -> tuple[list[dict[str, Any]], list[Field]]:
    rows: list[dict[str, Any]] = []
    fields: list[Field] = []
    moment = now()
    for each in instances:
        about = About(moment, each.size, source=store if target.with_source else "")
        row, columns = row_of(each.metadata, target.form, about)
        rows.append(row)
        fields = merged(fields, columns)
    return rows, fields
