"""``bigqueryDestination`` of FHIR: a dataset that has a table for each type, and the schema of its tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import object_in
from gateway.sandbox.tables.target import Target, read_disposition

DATASET = re.compile(r"bq://(?P<project>[A-Za-z0-9][A-Za-z0-9.:_-]{0,99})\.(?P<dataset>\w{1,200})", re.ASCII)
KEYS = {"datasetUri", "schemaConfig", "writeDisposition", "force"}
CAPTURE = "changeDataCaptureConfig"
"""Which v1beta1 has besides."""
SCHEMA, DEPTH, MOST_DEPTH = "ANALYTICS_V2", 2, 5


@dataclass(frozen=True, slots=True)
class FhirDataset:
    """A dataset of BigQuery, and how its tables are written."""

    project: str
    dataset: str
    depth: int = DEPTH
    """``recursiveStructureDepth``."""
    disposition: str = "WRITE_EMPTY"

    def table(self, resource_type: str) -> Target:
        """Return the table of a type: it has the name of the type."""
        return Target(self.project, self.dataset, resource_type, self.disposition)


def read_dataset(asked: Mapping[str, Any]) -> FhirDataset:
    """Return what ``bigqueryDestination`` of *asked* names; raises a 400 or 501 for what cannot be."""
    found = object_in(asked, "bigqueryDestination", {*KEYS, CAPTURE})
    if CAPTURE in found:
        raise ApiError(501, f"the sandbox does not support {CAPTURE} of bigqueryDestination")
    name = DATASET.fullmatch(str(found.get("datasetUri")))
    if name is None:
        raise ApiError(400, "bigqueryDestination.datasetUri needs the form bq://project.dataset")
    depth = _depth(found.get("schemaConfig") or {})
    return FhirDataset(name["project"], name["dataset"], depth, read_disposition(found))


def _depth(schema: Any) -> int:
    if not isinstance(schema, dict) or set(schema) - {"schemaType", "recursiveStructureDepth"}:
        raise ApiError(501, "the sandbox supports schemaType and recursiveStructureDepth of schemaConfig only")
    if schema.get("schemaType") != SCHEMA:
        raise ApiError(501, f"the sandbox has rows of schemaType {SCHEMA} only")
    try:  # int64 is a text in Google's JSON; 0 means the default
        depth = int(schema.get("recursiveStructureDepth") or DEPTH) or DEPTH
    except (TypeError, ValueError):
        depth = 0
    if not 1 <= depth <= MOST_DEPTH:
        raise ApiError(400, f"recursiveStructureDepth is a number from 1 to {MOST_DEPTH}")
    return depth
