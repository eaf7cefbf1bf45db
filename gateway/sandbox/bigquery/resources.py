"""Datasets, tables and jobs as resources of BigQuery's REST API."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.contract.warehouse import TableState
from gateway.sandbox.bigquery.catalog import kept_of
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.reasoned_error import ReasonedError

DATASET_KEYS = ("description", "friendlyName", "labels", "location", "access", "defaultTableExpirationMs")
TABLE_KEYS = ("description", "friendlyName", "labels", "timePartitioning", "clustering", "expirationTime")
FIELD_KEYS = {"name", "type", "mode", "fields", "description", "policyTags", "maxLength", "defaultValueExpression"}


def dataset_resource(project: str, dataset: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dataset."""
    return {
        "kind": "bigquery#dataset",
        "id": f"{project}:{dataset}",
        "datasetReference": {"projectId": project, "datasetId": dataset},
        "location": "US",
        "etag": "1",
        **kept,
    }


def table_resource(name: TableName, state: TableState) -> dict[str, Any]:
    """Return a table."""
    changed = str(int(state.changed * 1000))
    return {
        "kind": "bigquery#table",
        "id": f"{name.project}:{name.dataset}.{name.table}",
        "tableReference": name.reference,
        "type": "TABLE",
        "schema": {"fields": state.fields},
        "numRows": str(state.rows),
        "numBytes": str(state.octets),
        "creationTime": changed,
        "lastModifiedTime": changed,
        "location": "US",
        "etag": str(state.generation),
        **kept_of(state),
    }


def kept(body: Mapping[str, Any], keys: Sequence[str], known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what is kept of a resource: of *known*, and what *body* changes of it; null removes."""
    found = {**(known or {}), **{key: body[key] for key in keys if key in body}}
    return {key: value for key, value in found.items() if value is not None}


def fields_of(schema: object) -> list[dict[str, Any]]:
    """Return the columns of a schema; raises a 400."""
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if fields is None:
        return []
    if not isinstance(fields, list) or not all(isinstance(each, dict) and set(each) <= FIELD_KEYS for each in fields):
        raise ReasonedError(400, "schema.fields must be a list of fields")
    for each in fields:
        if "fields" in each:
            fields_of(each)
    return fields
