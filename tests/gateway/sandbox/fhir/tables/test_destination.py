"""Datasets of BigQuery that an export or a stream names."""

from typing import Any

import pytest

from gateway.sandbox.fhir.tables.destination import FhirDataset, read_dataset
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.tables.target import Target


def dataset(schema: Any = None, **asked: Any) -> FhirDataset:
    """Return the dataset of a destination; *schema* is added to the schema type that there is."""
    config = {"schemaType": "ANALYTICS_V2", **(schema or {})}
    return read_dataset({"bigqueryDestination": {"datasetUri": "bq://my-p.d_1", "schemaConfig": config, **asked}})


def test_good() -> None:
    """The name, the depth and how the tables are written; a depth of 0 is the default [DISC, SchemaConfig]."""
    assert FhirDataset("my-p", "d_1", 2, "WRITE_EMPTY") == dataset()
    assert [2, 2, 2, 5] == [dataset({"recursiveStructureDepth": each}).depth for each in (0, "0", None, "5")]
    assert "WRITE_TRUNCATE" == dataset(force=True).disposition
    assert Target("my-p", "d_1", "Patient", "WRITE_APPEND") == dataset(writeDisposition="WRITE_APPEND").table("Patient")


PARTITIONS = {"lastUpdatedPartitionConfig": {"type": "DAY"}}
WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "no dataset": ({"datasetUri": "bq://p"}, 400, "bq://project.dataset"),
    "a table": ({"datasetUri": "bq://p.d.t/x"}, 400, "bq://project.dataset"),
    "unknown key": ({"tableUri": "bq://p.d.t"}, 400, "has a field that is not one of"),
    "unknown disposition": ({"writeDisposition": "x"}, 400, "writeDisposition is not one of"),
    "the first schema": ({"schema": {"schemaType": "ANALYTICS"}}, 501, "rows of schemaType ANALYTICS_V2 only"),
    "lossless": ({"schema": {"schemaType": "LOSSLESS"}}, 501, "rows of schemaType ANALYTICS_V2 only"),
    "no schema": ({"schemaConfig": None}, 501, "rows of schemaType ANALYTICS_V2 only"),
    "partitions": ({"schema": PARTITIONS}, 501, "schemaType and recursiveStructureDepth of schemaConfig only"),
    "change data capture": ({"changeDataCaptureConfig": {}}, 501, "changeDataCaptureConfig"),
    "too deep": ({"schema": {"recursiveStructureDepth": "6"}}, 400, "a number from 1 to 5"),
    "no depth": ({"schema": {"recursiveStructureDepth": "x"}}, 400, "a number from 1 to 5"),
}


@pytest.mark.parametrize(("asked", "status", "told"), WRONG.values(), ids=WRONG)
def test_wrong(asked: dict[str, Any], status: int, told: str) -> None:
    """What cannot be is refused with the reason."""
    with pytest.raises(ApiError, match=told) as raised:
        dataset(**asked)
    assert status == raised.value.status


@pytest.mark.parametrize("wrong", [None, 5, [], {}])
def test_none(wrong: Any) -> None:
    """What is no destination is a 400."""
    with pytest.raises(ApiError) as raised:
        read_dataset({"bigqueryDestination": wrong})
    assert 400 == raised.value.status
