"""The work of imports and exports: some documents in each transaction, so that other requests come between."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from gateway.sandbox.fhir.managing.exporting import bodies
from gateway.sandbox.fhir.managing.importing import Document, Imported, documents, import_documents
from gateway.sandbox.fhir.managing.stores import open_session
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.operations.running import Progress
from gateway.sandbox.place import Place

AT_ONCE = 100
T = TypeVar("T")


async def import_files(place: Place, store: str, uri: str, structure: str, progress: Progress) -> None:
    """Import the objects that *uri* means. The counter has documents as pending, and resources otherwise."""
    objects = await place.objects(uri)
    progress.pending = await place.worker.run(lambda: sum(1 for _ in documents(objects, structure)))
    await progress.write(progress)
    found = documents(objects, structure)
    while batch := await _next(place, found):
        done = await place.database.run(_importing(place, store, batch, structure))
        await progress.add(done.success, done.failed, taken=len(batch))


def _importing(place: Place, store: str, batch: Sequence[Document], structure: str) -> Callable[..., Imported]:
    return lambda connection: import_documents(open_session(connection, store, place.options), batch, structure)


async def export_files(
    place: Place, store: str, prefix: str, choose: Callable[[Session], dict[str, list[int]]], stem: str,
    progress: Progress,
) -> None:  # fmt: skip
    """Write the rows that *choose* returns by file below *prefix*; the names of the files begin with *stem*."""
    files = await place.database.run(lambda connection: choose(open_session(connection, store, place.options)))
    progress.pending = sum(map(len, files.values()))
    await progress.write(progress)
    written = []
    for kind, rows in files.items():
        name = f"{stem}{kind}.ndjson"
        with place.buckets.create(prefix, name) as file:
            numbers = iter(rows)
            while batch := list(islice(numbers, AT_ONCE)):
                found = await place.database.run(lambda connection, batch=batch: bodies(connection, batch))  # type: ignore[misc]
                text = b"".join(body + b"\n" for body in found)
                await place.worker.run(lambda text=text: file.write(text))  # type: ignore[misc]
                await progress.add(len(found), taken=len(batch))
        written.append({"type": kind, "url": f"{prefix.rstrip('/')}/{name}", "count": str(len(rows))})
    progress.response = {"output": written}


async def _next(place: Place, found: Iterator[T]) -> list[T]:
    return await place.worker.run(lambda: list(islice(found, AT_ONCE)))
