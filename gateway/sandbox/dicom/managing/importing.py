"""``:import`` of a DICOM store: each object of a bucket is one Part 10 file.

An instance that is there is ignored, as Google's API does, also one with another content: that is told in the log.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
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


async def import_files(place: Place, store: str, uri: str, storage_class: str, progress: Progress) -> None:
    """Import the objects that *uri* means; ends with an error if one of them is no instance, as Google's API says."""
    objects = await place.objects(uri)
    progress.pending = len(objects)
    await progress.write(progress)
    conflicts = 0
    for batch in (objects[at : at + AT_ONCE] for at in range(0, len(objects), AT_ONCE)):
        conflicts += await _import(place, store, batch, storage_class, progress)
    if conflicts:
        progress.report = [CONFLICTS.format(conflicts)]
    if progress.failure:
        raise PartlyDoneError(f"{progress.failure} of {len(objects)} files could not be imported")


async def _import(place: Place, store: str, batch: Sequence[Object], storage_class: str, progress: Progress) -> int:
    """Import some files in one transaction; return how many were there with another content."""
    copies = [incoming_folder(place.root) / f"{uuid4().hex}.part" for _ in batch]
    try:
        pairs = [(each.path, copy) for each, copy in zip(batch, copies, strict=True)]
        found = await place.worker.run_each(lambda pair: _receive(*pair), pairs)
        good = [(copy, each) for copy, each in zip(copies, found, strict=True) if isinstance(each, Instance)]
        await place.worker.run(partial(_sync, [copy for copy, _ in good]))
        verdicts, notifications = await place.database.run(_adding(place, store, good, storage_class))
        place.notifier.publish(notifications)
        await place.streams.write(store, new_among(good, verdicts))
    finally:
        await place.worker.run(partial(_remove, copies))
    failed = [(each.uri, why) for each, why in zip(batch, found, strict=True) if isinstance(why, str)]
    await progress.add(len(good), failed)
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


def _receive(path: Path, copy: Path) -> Instance | str:
    """Copy an object; return the instance, or why it is none."""
    try:
        with path.open("rb") as source, os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT, OWNER_FILE), "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except FileNotFoundError:
        return "it was removed meanwhile"
    except PermissionError:
        return "it may not be read"
    found = inspect(copy)
    return REASONS.get(found.reason, "it is no valid instance") if isinstance(found, Failure) else found


def _sync(files: Sequence[Path]) -> None:
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _remove(files: Sequence[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
