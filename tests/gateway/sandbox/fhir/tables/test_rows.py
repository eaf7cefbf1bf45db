"""Rows of resources, and those that are left out."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.contract.warehouse import WarehouseError
from gateway.kinds import WAREHOUSE
from gateway.sandbox.fhir.tables.rows import Rows, read_resource, rows_of, write
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.tables.target import RowsRefusedError, Target
from tests.gateway.sandbox.fhir.fhir_client import patient

TABLE = Target("p", "d", "Patient")


class Picky:
    """A table that takes no row whose ``id`` is in a set."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.rows: list[Mapping[str, Any]] = []

    async def check(self, table: Target) -> None:
        """Do nothing."""

    async def check_empty(self, table: Target) -> None:
        """Do nothing."""

    async def write(
        self,
        table: Target,
        fields: Sequence[Mapping[str, Any]],
        rows: Sequence[Mapping[str, Any]],
        disposition: str,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the rows, if all are right."""
        if "all" in self.refused:
            raise ApiError(503, "the table is in use")
        if wrong := {number: "it is picky" for number, each in enumerate(rows) if each["id"] in self.refused}:
            raise RowsRefusedError(wrong)
        self.rows += rows


def made() -> Rows:
    """Return three rows."""
    return rows_of(WAREHOUSE(), [patient(each, active=True) for each in "abc"], 2)


def test_rows() -> None:
    """A row and its columns; what has no ID is listed."""
    found = rows_of(WAREHOUSE(), [patient("a", active=True), patient(), patient("b", birthDate="1970")], 2)
    assert ["Patient/a", "Patient/b"] == found.names
    assert [{"id": "a", "active": True}, {"id": "b", "birthDate": "1970"}] == found.rows
    assert {"id", "active", "birthDate"} == {each["name"] for each in found.fields}
    ((name, reason),) = found.failed
    assert ("Patient/None", True) == (name, reason.startswith("the resource has no id"))


def test_another_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no fault of a resource ends the work."""

    def broken(*_: object) -> None:
        raise WarehouseError("engine", "DuckDB is not installed")

    warehouse = WAREHOUSE()
    monkeypatch.setattr(type(warehouse), "fhir_row", broken)
    with pytest.raises(WarehouseError):
        rows_of(warehouse, [patient("a")], 2)


def test_decimals() -> None:
    """A decimal is a number of its column, and JSON in a contained resource."""
    resource = read_resource(
        b'{"resourceType": "Observation", "id": "o", "valueQuantity": {"value": 1.50},'
        b' "contained": [{"resourceType": "Observation", "id": "i", "valueQuantity": {"value": 2.25}}]}'
    )
    (row,) = rows_of(WAREHOUSE(), [resource], 2).rows
    assert {"quantity": {"value": 1.5}} == row["value"]
    assert '"value":2.25' in row["contained"][0]


async def test_write() -> None:
    """Rows that are refused are left out, and listed; the others are written."""
    tables, rows = Picky("a", "c"), made()
    await write(tables, TABLE, rows, "WRITE_EMPTY")
    assert ["b"] == [each["id"] for each in tables.rows]
    assert (["Patient/b"], [("Patient/a", "it is picky"), ("Patient/c", "it is picky")]) == (rows.names, rows.failed)


async def test_nothing_left() -> None:
    """Where all are refused nothing is written; another error is raised."""
    tables, rows = Picky("a", "b", "c"), made()
    await write(tables, TABLE, rows, "WRITE_EMPTY")
    assert ([], 3) == (tables.rows, len(rows.failed))
    with pytest.raises(ApiError, match="in use"):
        await write(Picky("all"), TABLE, made(), "WRITE_EMPTY")
