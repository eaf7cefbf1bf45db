"""Views of what is true now; tests/gateway/sandbox/fhir/test_streaming.py asks them."""

import pytest

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.bigquery.views import found_now, table_behind
from gateway.sandbox.fhir.tables.streaming import STREAMED
from gateway.sandbox.reasoned_error import ReasonedError
from tests.gateway.sandbox.bigquery.conftest import FIELDS


def test_names() -> None:
    """A view has the name of its table, and an ending."""
    assert TableName("p", "d", "Patient") == table_behind(TableName("p", "d", "PatientView"))
    for name in ("Patient", "View"):
        assert table_behind(TableName("p", "d", name)) is None


async def test_found(catalog: Catalog) -> None:
    """Only tables of streams have a view, and a table of its name goes before it."""
    await catalog.write_dataset("p", "d", {}, new=True)
    await catalog.create(TableName("p", "d", "a"), FIELDS, {"labels": {**STREAMED, "other": "x"}})
    await catalog.create(TableName("p", "d", "b"), FIELDS, {"labels": {"other": "x"}})
    assert found_now(catalog, TableName("p", "d", "aView")).is_view
    for name in ("bView", "cView"):
        with pytest.raises(ReasonedError, match=name):
            found_now(catalog, TableName("p", "d", name))
    await catalog.create(TableName("p", "d", "aView"), FIELDS, {})
    assert not found_now(catalog, TableName("p", "d", "aView")).is_view
