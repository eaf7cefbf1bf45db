"""Resources."""

import pytest

from gateway.contract.warehouse import TableState
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.bigquery.resources import dataset_resource, fields_of, kept, table_resource
from gateway.sandbox.reasoned_error import ReasonedError


def test_kept() -> None:
    """What a body has changes what is kept; null removes it."""
    assert {"labels": {"a": "b"}} == kept(
        {"description": None, "labels": {"a": "b"}}, ("description", "labels"), {"description": "x"}
    )


def test_table() -> None:
    """64-bit numbers are texts."""
    state = TableState([{"name": "x", "type": "STRING"}], 5, 7, 3, 1.5, {"resource": '{"description": "d"}'})
    found = table_resource(TableName("p", "d", "t"), state)
    assert ("5", "7", "1500", "d", "p:d.t") == tuple(
        found[key] for key in ("numRows", "numBytes", "lastModifiedTime", "description", "id")
    )
    assert "p:d" == dataset_resource("p", "d", {})["id"]


def test_fields() -> None:
    """A schema is a list of fields with known keys."""
    assert [] == fields_of(None)
    wrongs: list[dict[str, object]] = [{"fields": {}}, {"fields": [1]}, {"fields": [{"name": "x", "collation": "y"}]}]
    for wrong in wrongs:
        with pytest.raises(ReasonedError):
            fields_of(wrong)
