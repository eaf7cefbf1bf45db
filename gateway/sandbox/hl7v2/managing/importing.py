"""``:import`` of an HL7v2 store: each line of an object is ``{"data": base64, "labels": {}}``."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from gateway.sandbox.buckets.folders import Object
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.hl7v2.message import find_fault
from gateway.sandbox.hl7v2.resource import read_resource
from gateway.sandbox.operations.records import Failed
from gateway.sandbox.operations.running import Progress
from gateway.sandbox.place import Place

AT_ONCE = 100
"""Lines of one transaction."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an object."""

    place: str
    octets: bytes


@dataclass(slots=True)
class Imported:
    """What became of some lines."""

    success: int = 0
    failed: list[Failed] = field(default_factory=list)


async def import_files(place: Place, store: str, uri: str, number: str, progress: Progress) -> None:
    """Import the objects that *uri* means; *number* is that of the operation. What fails is in the log, by its line."""
    objects = await place.objects(uri)
    progress.pending = await place.worker.run(lambda: sum(1 for _ in lines_of(objects)))
    await progress.write(progress)
    lines = lines_of(objects)
    while batch := await place.worker.run(lambda: list(islice(lines, AT_ONCE))):
        done = await place.database.run(_importing(store, batch, number))
        await progress.add(done.success, done.failed)


def lines_of(objects: Iterable[Object]) -> Iterator[Line]:
    """Yield the lines of objects that are not empty, with their numbers."""
    for each in objects:
        with each.path.open("rb") as file:
            for number, octets in enumerate(file, 1):
                if octets.strip():
                    yield Line(f"{each.uri}:{number}", octets)


def import_lines(connection: sqlite3.Connection, store: str, lines: Iterable[Line], operation: str) -> Imported:
    """Store the messages of lines. Nothing is undone for one that fails."""
    done = Imported()
    for line in lines:
        try:
            data, labels = read_resource(json.loads(line.octets))
        except (ValueError, RecursionError):
            done.failed.append((line.place, "it is not JSON"))
            continue
        except ApiError as error:
            done.failed.append((line.place, error.reason))
            continue
        fault = find_fault(data)
        if fault is not None:
            done.failed.append((line.place, fault.reason))
            continue
        hl7v2_store.put(connection, store, data, labels, operation)
        done.success += 1
    return done


def _importing(store: str, batch: Sequence[Line], number: str) -> Callable[[sqlite3.Connection], Imported]:
    return lambda connection: import_lines(connection, store, batch, number)
