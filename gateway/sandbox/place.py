"""Where the stores are, and what runs their long-running operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gateway.sandbox.buckets.folders import Buckets, Object
from gateway.sandbox.database import Database
from gateway.sandbox.dicom.tables.streaming import Streams
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import Caller
from gateway.sandbox.notifications import Notifier
from gateway.sandbox.operations import records
from gateway.sandbox.operations.running import Running, Work
from gateway.sandbox.tables.target import Tables, Target
from gateway.sandbox.worker import Worker


@dataclass(frozen=True, slots=True)
class Place:
    """What the handlers of stores have in common."""

    database: Database
    worker: Worker
    """Does the blocking work with files."""
    root: Path
    notifier: Notifier
    options: FhirOptions
    buckets: Buckets
    running: Running
    tables: Tables | None = None
    """The tables of BigQuery; without them nothing is exported there."""

    @property
    def streams(self) -> Streams:
        """What writes rows of new instances."""
        return Streams(self.database, self.tables)

    async def tables_for(self, asked: Mapping[str, Any], target: Target) -> Tables:
        """Return the tables for an export that asks for *target*; raises a 400 if it cannot be there, or a 501."""
        if self.tables is None:
            raise ApiError(501, "the sandbox does not export to BigQuery: use gcsDestination")
        if "gcsDestination" in asked:
            raise ApiError(400, "one of gcsDestination and bigqueryDestination can be asked for")
        await self.tables.check(target)
        return self.tables

    async def begin(self, caller: Caller, method: str, work: Work) -> dict[str, Any]:
        """Begin an operation and return it; *method* is ``dicom.DicomService.ImportDicomData``, for example."""
        return await self.begin_named(caller, method, lambda _: work)

    async def begin_named(self, caller: Caller, method: str, work_of: Callable[[str], Work]) -> dict[str, Any]:
        """Do the same with the work that *work_of* returns for the number of the operation."""
        operation = await self.database.run(partial(records.begin, caller=caller, method=method))
        kind = records.response_type(caller, method)
        await self.running.start(operation, kind, work_of(operation["name"].rpartition("/")[2]))
        return operation

    async def objects(self, uri: str) -> list[Object]:
        """Return the objects that a URI means; raises a 404 if there is none."""
        found = await self.worker.run(lambda: list(self.buckets.find(uri)))
        if not found:
            raise ApiError(404, await self.worker.run(partial(self.buckets.why_nothing, uri)))
        return found
