"""The datasets and their tables: a folder for each project, in it one for each dataset."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gateway.contract.warehouse import TableState, WarehouseError
from gateway.kinds import WAREHOUSE
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.worker import Worker

T = TypeVar("T")
ANSWERS = {
    "missing": (404, "notFound"),
    "exists": (409, "duplicate"),
    "rows": (400, "invalid"),
    "busy": (503, "backendError"),
    "damaged": (500, "internalError"),
    "query": (400, "invalidQuery"),
    "engine": (501, "notImplemented"),
}
KEPT = "resource"
"""The label of a table that has what is kept of its resource besides the columns."""


class Catalog:
    """Knows all datasets and tables; one thread does the work with files."""

    def __init__(self, root: Path, worker: Worker) -> None:
        self._root, self._worker, self._tables = root, worker, WAREHOUSE()

    async def do(self, work: Callable[[], T]) -> T:
        """Do blocking work; errors of tables become those of BigQuery."""
        try:
            return await self._worker.run(work)
        except WarehouseError as error:
            status, reason = ANSWERS[error.problem]
            raise ReasonedError(status, str(error), reason) from None

    def folder(self, project: str, dataset: str) -> Path:
        """Return the folder of a dataset, whether it exists or not."""
        return self._root / project.replace(":", "%3A") / dataset

    async def projects(self) -> list[str]:
        """Return the projects that have datasets."""
        return await self.do(
            lambda: sorted(each.name.replace("%3A", ":") for each in self._root.glob("*") if each.is_dir())
        )

    async def datasets(self, project: str) -> list[str]:
        """Return the datasets of a project."""
        above = self.folder(project, "x").parent
        return await self.do(lambda: sorted(each.parent.name for each in above.glob("*/dataset.json")))

    async def dataset(self, project: str, dataset: str) -> dict[str, Any]:
        """Return the resource of a dataset; raises a 404."""
        return await self.do(partial(self._read, self.folder(project, dataset)))

    @staticmethod
    def _read(folder: Path) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((folder / "dataset.json").read_bytes())
        except FileNotFoundError:
            raise ReasonedError(404, f"Not found: Dataset {_shown(folder)}") from None
        return found

    async def write_dataset(self, project: str, dataset: str, resource: Mapping[str, Any], *, new: bool) -> None:
        """Keep the resource of a dataset; of a *new* one, raises a 409 if it exists."""
        await self.do(partial(self._write, self.folder(project, dataset), resource, new=new))

    @staticmethod
    def _write(folder: Path, resource: Mapping[str, Any], *, new: bool) -> None:
        path = folder / "dataset.json"
        if new and path.exists():
            raise ReasonedError(409, f"Already Exists: Dataset {_shown(folder)}")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = folder / "dataset.json.new"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(json.dumps(resource).encode())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    async def remove_dataset(self, project: str, dataset: str, *, contents: bool) -> None:
        """Remove a dataset; with its tables only if *contents* says so."""
        await self.dataset(project, dataset)
        folder = self.folder(project, dataset)
        if not contents and await self.tables(project, dataset):
            raise ReasonedError(400, f"Dataset {dataset} is still in use: it has tables", "resourceInUse")

        def remove() -> None:
            (folder / "dataset.json").unlink(missing_ok=True)
            shutil.rmtree(folder)

        await self.do(remove)

    async def tables(self, project: str, dataset: str) -> list[str]:
        """Return the tables of a dataset."""
        await self.dataset(project, dataset)
        return await self.do(partial(self._tables.names, self.folder(project, dataset)))

    async def state(self, name: TableName) -> TableState:
        """Return what a table is now; raises a 404."""
        await self.dataset(name.project, name.dataset)
        return await self.do(partial(self.state_now, name))

    async def states(self, project: str, dataset: str) -> list[tuple[str, TableState]]:
        """Return the tables of a dataset with what they are now."""
        names = [TableName(project, dataset, each) for each in await self.tables(project, dataset)]
        return await self.do(lambda: [(each.table, self.state_now(each)) for each in names])

    def state_now(self, name: TableName) -> TableState:
        """Do the same for one who is in the thread already."""
        try:
            return self._tables.state(self.folder(name.project, name.dataset), name.table)
        except WarehouseError as error:
            if error.problem != "missing":
                raise
            raise ReasonedError(404, f"Not found: Table {name.project}:{name.dataset}.{name.table}") from None

    async def create(self, name: TableName, fields: list[dict[str, Any]], kept: Mapping[str, Any]) -> None:
        """Make an empty table; raises a 409."""
        await self.dataset(name.project, name.dataset)
        folder, labels = self.folder(name.project, name.dataset), {KEPT: json.dumps(kept)}
        if not fields:
            raise ReasonedError(400, "a table needs a schema with at least one column")
        await self.do(partial(self._tables.create, folder, name.table, fields, labels))

    async def change(self, name: TableName, fields: list[dict[str, Any]], kept: Mapping[str, Any]) -> None:
        """Add columns, and keep what its resource has besides."""
        folder = self.folder(name.project, name.dataset)
        await self.do(partial(self._tables.change, folder, name.table, fields, {KEPT: json.dumps(kept)}))

    async def drop(self, name: TableName) -> None:
        """Remove a table; raises a 404."""
        await self.state(name)
        await self.do(partial(self._tables.drop, self.folder(name.project, name.dataset), name.table))

    async def append(self, name: TableName, rows: list[dict[str, Any]], *, truncate: bool = False) -> None:
        """Add rows, all or none."""
        folder = self.folder(name.project, name.dataset)
        await self.do(partial(self._tables.append, folder, name.table, rows, truncate=truncate))

    async def parquet_fields(self, files: Sequence[bytes]) -> list[dict[str, Any]]:
        """Return the columns that files of Parquet have."""
        return await self.do(partial(self._tables.parquet_fields, files))

    async def append_parquet(self, name: TableName, files: Sequence[bytes], *, truncate: bool) -> int:
        """Add the rows of files of Parquet, all or none; return how many they are."""
        folder = self.folder(name.project, name.dataset)
        return await self.do(partial(self._tables.append_parquet, folder, name.table, files, truncate=truncate))

    def query(self, schemas: Mapping[str, Path], sql: str, most: int) -> list[tuple[Any, ...]]:
        """Return rows of a SELECT; blocks."""
        return self._tables.query(schemas, sql, most)


def kept_of(state: TableState) -> dict[str, Any]:
    """Return what is kept of the resource of a table besides its columns."""
    found: dict[str, Any] = json.loads(state.labels.get(KEPT, "{}"))
    return found


def _shown(folder: Path) -> str:
    """Return the name of the dataset that has a folder, as BigQuery writes it."""
    return f"{folder.parent.name.replace('%3A', ':')}:{folder.name}"
