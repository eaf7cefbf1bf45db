"""Tables that an export names."""

from typing import Any

import pytest

from gateway.sandbox.dicom.tables.target import InstanceTable, read_target
from gateway.sandbox.google_error import ApiError


def target(**asked: Any) -> InstanceTable:
    """Return the table of a destination."""
    return read_target({"bigqueryDestination": {"tableUri": "bq://my-p.d_1.t", **asked}})


def test_good() -> None:
    """The name, the form and how the table is written; the newer word wins."""
    assert target() == InstanceTable("my-p", "d_1", "t")
    assert target(force=True).disposition == "WRITE_TRUNCATE"
    assert target(force=True, writeDisposition="WRITE_APPEND").disposition == "WRITE_APPEND"
    assert target(schemaJson={}, includeSourceStore=True) == InstanceTable(
        "my-p", "d_1", "t", form="json", with_source=True
    )
    assert target(schemaFlattened={}).form == "flattened"


@pytest.mark.parametrize(
    "asked",
    [
        {"tableUri": "bq://p.d"},
        {"tableUri": "gs://p.d.t"},
        {"tableUri": 5},
        {"writeDisposition": "WRITE_SOME"},
        {"schemaJson": {}, "schemaFlattened": {}},
        {"x": 1},
    ],
)
def test_wrong(asked: dict[str, Any]) -> None:
    """What names no table is a 400."""
    with pytest.raises(ApiError):
        target(**asked)
