"""Datasets and tables on the disk."""

import pytest

from gateway.sandbox.bigquery.catalog import Catalog, kept_of
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.reasoned_error import ReasonedError
from tests.gateway.sandbox.bigquery.conftest import FIELDS

NAME = TableName("p:x", "d", "t")


async def test_datasets(catalog: Catalog) -> None:
    """A dataset is made once, and removed with its tables only if that is said."""
    await catalog.write_dataset("p:x", "d", {"description": "a"}, new=True)
    with pytest.raises(ReasonedError) as caught:
        await catalog.write_dataset("p:x", "d", {}, new=True)
    assert "duplicate" == caught.value.code
    assert (["p:x"], ["d"], {"description": "a"}) == (
        await catalog.projects(),
        await catalog.datasets("p:x"),
        await catalog.dataset("p:x", "d"),
    )
    await catalog.create(NAME, FIELDS, {"description": "b"})
    with pytest.raises(ReasonedError) as caught:
        await catalog.remove_dataset("p:x", "d", contents=False)
    assert "resourceInUse" == caught.value.code
    await catalog.remove_dataset("p:x", "d", contents=True)
    assert [] == await catalog.datasets("p:x")


async def test_tables(catalog: Catalog) -> None:
    """A table needs its dataset, and keeps what its resource has besides columns."""
    with pytest.raises(ReasonedError) as caught:
        await catalog.create(NAME, FIELDS, {})
    assert "notFound" == caught.value.code
    await catalog.write_dataset("p:x", "d", {}, new=True)
    await catalog.create(NAME, FIELDS, {"description": "b"})
    await catalog.append(NAME, [{"id": 1}])
    state = await catalog.state(NAME)
    assert (1, {"description": "b"}, ["t"]) == (state.rows, kept_of(state), await catalog.tables("p:x", "d"))
    with pytest.raises(ReasonedError) as caught:
        await catalog.create(NAME, FIELDS, {})
    assert "duplicate" == caught.value.code
    await catalog.drop(NAME)
    with pytest.raises(ReasonedError) as caught:
        await catalog.drop(NAME)
    assert "notFound" == caught.value.code
