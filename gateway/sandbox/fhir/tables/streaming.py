"""``streamConfigs`` of a FHIR store: each version of a resource is a row of the table of its type.

The row has the columns of ANALYTICS_V2; the operation (CREATE, UPDATE or DELETE) is the last of ``meta.tag``. A row
that cannot be written does not undo the change: it is lost, as in the cloud, where a log tells it. Imports do not
stream [cloud.google.com/healthcare-api/docs/how-tos/fhir-bigquery-streaming].
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from gateway.contract.warehouse import WarehouseError
from gateway.kinds import WAREHOUSE
from gateway.sandbox.fhir.definitions.parameters import parameters
from gateway.sandbox.fhir.session import Change
from gateway.sandbox.fhir.tables.destination import FhirDataset, read_dataset
from gateway.sandbox.fhir.tables.rows import Rows, read_resource, rows_of, write
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.tables.target import Tables

CONFIGS = "streamConfigs"
LARGEST_ROW = 1_000_000
"""Octets of JSON: BigQuery takes 1 MB of a row that is streamed, and the store leaves a larger one out."""
TOO_LARGE = "the row is larger than 1 MB"
OPERATIONS = {"CreateResource": "CREATE", "DeleteResource": "DELETE"}
STREAMED = {"streamed_from": "fhir_store"}
"""The label of tables that are made for streams: their current versions are a view."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stream:
    """One of ``streamConfigs``."""

    to: FhirDataset
    types: frozenset[str]
    """Empty for all."""


def streams_in(configs: object) -> list[Stream]:
    """Return what ``streamConfigs`` says; raises a 400 or 501 for what cannot be."""
    if not isinstance(configs, list) or not all(isinstance(each, dict) for each in configs):
        raise ApiError(400, f"{CONFIGS} must be objects with a bigqueryDestination")
    found = [_stream(each) for each in configs]
    if len({(each.to.project, each.to.dataset) for each in found}) < len(found):
        raise ApiError(400, f"{CONFIGS} must name different datasets")
    return found


def _stream(config: Mapping[str, Any]) -> Stream:
    if set(config) - {"bigqueryDestination", "resourceTypes"}:
        raise ApiError(501, f"the sandbox supports bigqueryDestination and resourceTypes of {CONFIGS} only")
    to, types = read_dataset(config), config.get("resourceTypes") or []
    if not isinstance(types, list) or not all(isinstance(each, str) and each in parameters() for each in types):
        raise ApiError(400, "resourceTypes must be types of R4")
    return Stream(to, frozenset(types))


class FhirStreams:
    """Writes rows of changes to the tables that their stores name."""

    def __init__(self, tables: Tables | None) -> None:
        self._tables, self._warehouse = tables, WAREHOUSE()

    @property
    def is_possible(self) -> bool:
        """Whether there are tables."""
        return self._tables is not None

    async def write(self, configs: Sequence[Any], changes: Sequence[Change]) -> None:
        """Write a row for each of *changes*. Never raises an ApiError."""
        if self._tables is None or not changes:
            return
        for stream in streams_in(list(configs)):
            for kind in sorted({each.held.type for each in changes}):
                if stream.types and kind not in stream.types:
                    continue
                try:
                    some = [each for each in changes if each.held.type == kind]
                    made = await asyncio.to_thread(partial(self._rows, some, stream.to.depth))
                    await write(self._tables, stream.to.table(kind), made, "WRITE_APPEND", STREAMED)
                except ApiError as error:
                    log.error("sandbox_request_failed", method="stream", error=error.status_name)
                except WarehouseError as error:
                    log.error("sandbox_request_failed", method="stream", error=error.problem)
                else:
                    for _, reason in made.failed:
                        problem = "RowTooLarge" if reason == TOO_LARGE else "RowRefused"
                        log.error("sandbox_request_failed", method="stream", error=problem)

    def _rows(self, changes: Sequence[Change], depth: int) -> Rows:
        made = rows_of(self._warehouse, map(_resource, changes), depth)
        sizes = [len(json.dumps(row).encode()) for row in made.rows]
        made.leave_out({number: TOO_LARGE for number, size in enumerate(sizes) if size > LARGEST_ROW})
        return made


def _resource(change: Change) -> dict[str, Any]:
    """Return a version with the operation that made it; a deletion has nothing but its name."""
    held = change.held
    resource: dict[str, Any] = {"resourceType": held.type, "id": held.id}
    if not held.deleted:
        resource = read_resource(held.body)
    meta = resource.get("meta") or {"versionId": held.version_id, "lastUpdated": held.updated}
    tags = [*_tags(meta), {"code": OPERATIONS.get(change.action, "UPDATE")}]
    return {**resource, "meta": {**meta, "tag": tags}}


def _tags(meta: Mapping[str, Any]) -> Iterator[Any]:
    found = meta.get("tag")
    yield from found if isinstance(found, list) else ()
