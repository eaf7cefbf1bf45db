"""Names of projects, datasets and tables."""

import pytest

from gateway.sandbox.bigquery.names import DATASET, TableName, checked, table_of
from gateway.sandbox.reasoned_error import ReasonedError


def test_table() -> None:
    """A table is in the project of the request, unless it names another one."""
    assert TableName("p", "d", "t") == table_of({"datasetId": "d", "tableId": "t"}, "p")
    found = table_of({"projectId": "q", "datasetId": "d", "tableId": "t"}, "p")
    assert ("q.d", {"projectId": "q", "datasetId": "d", "tableId": "t"}) == (found.schema, found.reference)


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", None, "x" * 201])
def test_wrong(name: object) -> None:
    """A name that could leave its folder is none."""
    with pytest.raises(ReasonedError):
        checked(DATASET, name, "datasetId")
    with pytest.raises(ReasonedError):
        table_of({"datasetId": "d", "tableId": "../x"}, "p")
