"""The work of an operation: each resource of the source through the engine, and into the destination."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from gateway.sandbox.deidentifying import stores
from gateway.sandbox.deidentifying.asked import Asked
from gateway.sandbox.deidentifying.errors import HeldBackError
from gateway.sandbox.dicom.file import Failure, inspect
from gateway.sandbox.dicom.stow import add_and_tell, incoming_folder, new_among
from gateway.sandbox.fhir.bodies import read_json
from gateway.sandbox.fhir.managing.importing import put
from gateway.sandbox.fhir.managing.stores import open_session
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.operations.running import Progress
from gateway.sandbox.place import Place
from gateway.sandbox.private import OWNER_FILE
from gateway.sandbox.resources import all_stores
from gateway.sandbox.worker import Worker

if TYPE_CHECKING:  # it imports all kinds
    from gateway.sandbox.deidentifying.engine import Engine

NOT_STORED = "the result cannot be stored: "


async def deidentify(place: Place, asked: Asked, pairs: Iterable[tuple[str, str]], engine: "Engine", begun: int,
                     progress: Progress) -> None:  # fmt: skip
    """Pass what is asked for of each source of *pairs* to its destination; *begun* is when, in microseconds.

    A resource that is held back or cannot be stored is counted as a failure, and is not in the destination.
    """
    progress.report = engine.report
    files: list[tuple[Path, str]] = []
    rows: list[tuple[int, str]] = []
    for source, destination in pairs:
        if all_stores.kind_of(source) == "dicomStores":
            found = await place.database.run(partial(stores.files, root=place.root, store=source, paths=asked.paths))
            files += [(path, destination) for path in found]
        elif all_stores.kind_of(source) == "fhirStores":
            numbers = await place.database.run(partial(stores.resources, store=source, asked=asked, before=begun))
            rows += [(number, destination) for number in numbers]
    progress.pending = len(files) + len(rows)
    await progress.write(progress)
    for path, destination in files:
        await progress.done(await _instance(place, engine, path, destination))
    for number, destination in rows:
        await progress.done(await _resource(place, engine, number, destination))


async def _instance(place: Place, engine: "Engine", path: Path, destination: str) -> str | None:
    """Return why an instance failed, None if it is in the destination."""
    made = incoming_folder(place.root) / f"{uuid4().hex}.part"
    try:
        await _write(place.worker, engine, path, made)
        instance = await place.worker.run(partial(inspect, made, None))
        if isinstance(instance, Failure):
            return f"{NOT_STORED}it is no valid instance"
        (verdict,), notifications = await place.database.run(
            partial(add_and_tell, root=place.root, store=destination, found=[(made, instance)])
        )
        place.notifier.publish(notifications)
        await place.streams.write(destination, new_among([(made, instance)], [verdict]))
        return f"{NOT_STORED}another instance has its UID" if isinstance(verdict, Failure) else None
    except HeldBackError as error:
        return str(error)
    except FileNotFoundError:
        return "it was deleted meanwhile"
    finally:
        await place.worker.run(partial(made.unlink, missing_ok=True))


async def _write(worker: Worker, engine: "Engine", path: Path, made: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    file = await worker.run(lambda: os.fdopen(os.open(made, flags, OWNER_FILE), "wb"))
    try:
        async for chunk in engine.instance(path):
            await worker.run(partial(file.write, chunk))
        await worker.run(file.flush)
        await worker.run(partial(os.fsync, file.fileno()))
    finally:
        file.close()


async def _resource(place: Place, engine: "Engine", number: int, destination: str) -> str | None:
    """Return why a resource failed, None if it is in the destination."""
    octets = await place.database.run(partial(stores.body_of, rid=number))
    if octets is None:
        return "it was deleted meanwhile"
    try:
        made = read_json(await engine.resource(octets))
        await place.database.run(lambda connection: put(open_session(connection, destination, place.options), made))
    except HeldBackError as error:
        return str(error)
    except (FhirError, ValueError, KeyError):  # without an id, for example
        return f"{NOT_STORED}it is no valid resource"
    return None
