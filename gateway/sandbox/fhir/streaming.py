"""``streamConfigs`` of a FHIR store: each version of a resource is a row of the table of its type.

The row has the columns of ANALYTICS_V2; the operation (CREATE, UPDATE or DELETE) is the last of ``meta.tag``. A row
that cannot be written does not undo the change: it is lost, as in the cloud, where a log tells it. Imports do not
stream [cloud.google.com/healthcare-api/docs/how-tos/fhir-bigquery-streaming].
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from gateway.contract.warehouse import WarehouseError
from gateway.kinds import WAREHOUSE
from gateway.sandbox.dicom.tables.rows import Field, merged
from gateway.sandbox.dicom.tables.target import Tables, Target
from gateway.sandbox.fhir.definitions.parameters import parameters
from gateway.sandbox.fhir.session import Change
from gateway.sandbox.google_error import ApiError

CONFIGS = "streamConfigs"
DATASET = re.compile(r"bq://(?P<project>[A-Za-z0-9][A-Za-z0-9.:_-]{0,99})\.(?P<dataset>\w{1,200})", re.ASCII)
SCHEMA, DEPTH = "ANALYTICS_V2", 2
LARGEST_ROW = 1_000_000
"""Octets of JSON: BigQuery takes 1 MB of a row that is streamed, and the store leaves a larger one out."""
OPERATIONS = {"CreateResource": "CREATE", "DeleteResource": "DELETE"}
STREAMED = {"streamed_from": "fhir_store"}
"""The label of tables that are made for streams: their current versions are a view."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stream:
    """One of ``streamConfigs``."""

    project: str
    dataset: str
    types: frozenset[str]
    """Empty for all."""
    depth: int

    def target(self, resource_type: str) -> Target:
        """Return the table of a type."""
        return Target(self.project, self.dataset, resource_type, "WRITE_APPEND")


def streams_in(configs: object) -> list[Stream]:
    """Return what ``streamConfigs`` says; raises a 400 or 501 for what cannot be."""
    if not isinstance(configs, list) or not all(isinstance(each, dict) for each in configs):
        raise ApiError(400, f"{CONFIGS} must be objects with a bigqueryDestination")
    found = [_stream(each) for each in configs]
    if len({(each.project, each.dataset) for each in found}) < len(found):
        raise ApiError(400, f"{CONFIGS} must name different datasets")
    return found


def _stream(config: Mapping[str, Any]) -> Stream:
    if set(config) - {"bigqueryDestination", "resourceTypes"}:
        raise ApiError(501, f"the sandbox supports bigqueryDestination and resourceTypes of {CONFIGS} only")
    destination, types = config.get("bigqueryDestination"), config.get("resourceTypes") or []
    name = DATASET.fullmatch(str(destination.get("datasetUri"))) if isinstance(destination, dict) else None
    if name is None or not isinstance(destination, dict):
        raise ApiError(400, "bigqueryDestination.datasetUri needs the form bq://project.dataset")
    if set(destination) - {"datasetUri", "schemaConfig", "writeDisposition", "force"}:
        raise ApiError(400, "bigqueryDestination has a key that is not known")
    if not isinstance(types, list) or not all(isinstance(each, str) and each in parameters() for each in types):
        raise ApiError(400, "resourceTypes must be types of R4")
    return Stream(name["project"], name["dataset"], frozenset(types), _depth(destination.get("schemaConfig") or {}))


def _depth(schema: Any) -> int:
    if not isinstance(schema, dict) or set(schema) - {"schemaType", "recursiveStructureDepth"}:
        raise ApiError(501, "the sandbox supports schemaType and recursiveStructureDepth of schemaConfig only")
    if schema.get("schemaType") != SCHEMA:
        raise ApiError(501, f"the sandbox has rows of schemaType {SCHEMA} only")
    try:  # int64 is a text in Google's JSON
        depth = int(schema.get("recursiveStructureDepth") or DEPTH)
    except (TypeError, ValueError):
        depth = 0
    if not 1 <= depth <= 5:
        raise ApiError(400, "recursiveStructureDepth is a number from 1 to 5")
    return depth


class FhirStreams:
    """Writes rows of changes to the tables that their stores name."""

    def __init__(self, tables: Tables | None) -> None:
        self._tables, self._row_of = tables, WAREHOUSE().fhir_row

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
                    rows, fields = await asyncio.to_thread(partial(self._rows, some, stream.depth))
                    if rows:
                        await self._tables.write(stream.target(kind), fields, rows, "WRITE_APPEND", STREAMED)
                except ApiError as error:
                    log.error("sandbox_request_failed", method="stream", error=error.status_name)
                except WarehouseError as error:
                    log.error("sandbox_request_failed", method="stream", error=error.problem)

    def _rows(self, changes: Sequence[Change], depth: int) -> tuple[list[dict[str, Any]], list[Field]]:
        rows: list[dict[str, Any]] = []
        fields: list[Field] = []
        for resource in map(_resource, changes):
            row, columns = self._row_of(resource, depth)
            if len(json.dumps(row).encode()) > LARGEST_ROW:
                log.error("sandbox_request_failed", method="stream", error="RowTooLarge")
                continue
            rows.append(row)
            fields = merged(fields, columns)
        return rows, fields


def _resource(change: Change) -> dict[str, Any]:
    """Return a version with the operation that made it; a deletion has nothing but its name."""
    held = change.held
    resource: dict[str, Any] = {"resourceType": held.type, "id": held.id} if held.deleted else held.resource()
    meta = resource.get("meta") or {"versionId": held.version_id, "lastUpdated": held.updated}
    tags = [*_tags(meta), {"code": OPERATIONS.get(change.action, "UPDATE")}]
    return {**resource, "meta": {**meta, "tag": tags}}


def _tags(meta: Mapping[str, Any]) -> Iterator[Any]:
    found = meta.get("tag")
    yield from found if isinstance(found, list) else ()
