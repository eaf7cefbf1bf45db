"""``:import`` of a DICOM store: each object of a bucket is one Part 10 file.

An instance that is there is ignored, as Google's API does, also one with another content: that is told in the log.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from gateway.sandbox.buckets.folders import Object
from gateway.sandbox.dicom.file import Failure, FailureReason, Instance, inspect
from gateway.sandbox.dicom.managing.storage import set_class
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.dicom.stow import add_and_tell, incoming_folder, new_among
from gateway.sandbox.notifications import Notification
from gateway.sandbox.operations.running import PartlyDoneError, Progress
from gateway.sandbox.place import Place
from gateway.sandbox.private import OWNER_FILE

Added = tuple[list[Instance | Failure], list[Notification]]
AT_ONCE = 32
"""Files of one transaction."""
REASONS: Mapping[FailureReason, str] = {
    FailureReason.CANNOT_UNDERSTAND: "it is no DICOM file (PS3.10), is truncated, or has no UIDs",
    FailureReason.INVALID_INSTANCE: "its SOP Instance UID is not that of its File Meta Information",
    FailureReason.SOP_CLASS_MISMATCH: "its SOP Class UID is not that of its File Meta Information",
    FailureReason.TRANSFER_SYNTAX_NOT_SUPPORTED: "its transfer syntax is none",
}
CONFLICTS = "{} were there already with another content; they stayed as they were"


@dataclass(frozen=True, slots=True)
class Ready:
    """Files that are copied, examined and on the disk, and only have to be added to the store."""

    objects: Sequence[Object]
    found: Sequence[Instance | str]
    """The instance of each object, or why it is none."""
    copies: Sequence[Path]

    @property
    def good(self) -> list[tuple[Path, Instance]]:
        """The instances with their files."""
        pairs = zip(self.copies, self.found, strict=True)
        return [(copy, each) for copy, each in pairs if isinstance(each, Instance)]

    @property
    def failed(self) -> list[tuple[str, str]]:
        """The URIs of what is no instance, each with the reason."""
        pairs = zip(self.objects, self.found, strict=True)
        return [(each.uri, why) for each, why in pairs if isinstance(why, str)]


async def import_files(place: Place, store: str, uri: str, storage_class: str, progress: Progress) -> None:
    """Import the objects that *uri* means; ends with an error if one of them is no instance, as Google's API says."""
    objects = await place.objects(uri)
    progress.pending = len(objects)
    await progress.write(progress)
    conflicts = 0
    async with _prepared(place, objects) as batches:
        async for ready in batches:
            conflicts += await _add(place, store, ready, storage_class, progress)
    if conflicts:
        progress.report = [CONFLICTS.format(conflicts)]
    if progress.failure:
        raise PartlyDoneError(f"{progress.failure} of {len(objects)} files could not be imported")


@asynccontextmanager
async def _prepared(place: Place, objects: Sequence[Object]) -> AsyncIterator[AsyncIterator[Ready]]:
    """Yield what makes files ready, some at a time and one batch ahead: while one is added, the next one is copied."""
    copies: list[Path] = []
    tasks: list[asyncio.Task[Ready]] = []

    async def batches() -> AsyncIterator[Ready]:
        for batch in (objects[at : at + AT_ONCE] for at in range(0, len(objects), AT_ONCE)):
            some = [incoming_folder(place.root) / f"{uuid4().hex}.part" for _ in batch]
            copies.extend(some)
            tasks.append(asyncio.create_task(_prepare(place, batch, some)))
            if len(tasks) == 2:
                yield await tasks[0]
                await place.worker.run(partial(_remove, [copies.pop(0) for _ in range(AT_ONCE)]))
                del tasks[0]
        for task in tasks:
            yield await task

    try:
        yield batches()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await place.worker.run(partial(_remove, copies))


async def _prepare(place: Place, batch: Sequence[Object], copies: Sequence[Path]) -> Ready:
    pairs = [(each.path, copy) for each, copy in zip(batch, copies, strict=True)]
    reasons = await place.worker.run_each(lambda pair: _copy(*pair), pairs)
    there = [copy for copy, why in zip(copies, reasons, strict=True) if why is None]
    found, _ = await asyncio.gather(place.worker.run_each(_examine, there), place.worker.sync(there))
    examined = iter(found)
    return Ready(batch, [next(examined) if why is None else why for why in reasons], copies)


async def _add(place: Place, store: str, ready: Ready, storage_class: str, progress: Progress) -> int:
    """Add some files in one transaction; return how many were there with another content."""
    good = ready.good
    verdicts, notifications = await place.database.run(_adding(place, store, good, storage_class))
    place.notifier.publish(notifications)
    await place.streams.write(store, new_among(good, verdicts))
    await progress.add(len(good), ready.failed)
    return sum(isinstance(each, Failure) for each in verdicts)


def _adding(
    place: Place, store: str, good: Sequence[tuple[Path, Instance]], storage_class: str
) -> Callable[..., Added]:
    def add(connection: sqlite3.Connection) -> Added:
        verdicts, notifications = add_and_tell(connection, place.root, store, good, "ImportDicomData")
        for (copy, instance), verdict in zip(good, verdicts, strict=True):
            if storage_class and isinstance(verdict, Instance) and not copy.exists():
                set_class(connection, Scope(store, sop_uid=instance.sop_uid), storage_class)
        return verdicts, notifications

    return add


def _copy(path: Path, copy: Path) -> str | None:
    """Copy an object; return why that is not possible, or None."""
    try:
        with path.open("rb") as source, os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT, OWNER_FILE), "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except FileNotFoundError:
        return "it was removed meanwhile"
    except PermissionError:
        return "it may not be read"
    return None


def _examine(copy: Path) -> Instance | str:
    """Return the instance in a file, or why there is none."""
    found = inspect(copy)
    return REASONS.get(found.reason, "it is no valid instance") if isinstance(found, Failure) else found


def _remove(files: Sequence[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
