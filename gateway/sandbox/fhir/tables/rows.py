"""Resources become rows, together with the columns that these need; one that can be no row is listed with the reason.

A row that the table refuses is left out, and the others are written.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.contract.warehouse import Warehouse, WarehouseError
from gateway.sandbox.operations.records import Failed
from gateway.sandbox.tables.columns import Field, merged
from gateway.sandbox.tables.target import RowsRefusedError, Tables, Target


@dataclass(slots=True)
class Rows:
    """Rows of one table, and what has none."""

    names: list[str] = field(default_factory=list)
    """Of the resources, as ``Patient/7``."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)

    def leave_out(self, refused: Mapping[int, str]) -> None:
        """Take the rows of these numbers away, each for its reason."""
        self.failed += [(self.names[number], reason) for number, reason in sorted(refused.items())]
        self.rows = [each for number, each in enumerate(self.rows) if number not in refused]
        self.names = [each for number, each in enumerate(self.names) if number not in refused]


def read_resource(body: bytes) -> dict[str, Any]:
    """Return a stored resource for a row: its decimals are numbers, as a FLOAT is, and not exact."""
    found: dict[str, Any] = json.loads(body)
    return found


def rows_of(warehouse: Warehouse, resources: Iterable[Mapping[str, Any]], depth: int) -> Rows:
    """Return the rows of resources of one type."""
    made = Rows()
    for each in resources:
        name = f"{each.get('resourceType')}/{each.get('id')}"
        try:
            row, columns = warehouse.fhir_row(each, depth)
        except WarehouseError as error:
            if error.problem != "rows":
                raise
            made.failed.append((name, str(error)))
            continue
        made.names.append(name)
        made.rows.append(row)
        made.fields = merged(made.fields, columns)
    return made


async def write(
    tables: Tables, table: Target, made: Rows, disposition: str, labels: Mapping[str, str] | None = None
) -> None:
    """Write the rows that the table takes, and leave out those that do not fit it; raises ApiError."""
    while made.rows:
        try:
            await tables.write(table, made.fields, made.rows, disposition, labels)
        except RowsRefusedError as error:
            made.leave_out(error.refused)
        else:
            return
