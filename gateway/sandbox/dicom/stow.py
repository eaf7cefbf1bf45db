"""STOW-RS: stores instances and reports the result of each (PS3.18 10.5)."""

import asyncio
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.dicom import store as dicom_store
from gateway.sandbox.dicom.file import Failure, Instance, inspect
from gateway.sandbox.dicom.json_model import Attributes, element, json_response, require_json, tag
from gateway.sandbox.dicom.media_type import parse_media_type
from gateway.sandbox.dicom.tables.streaming import Streams
from gateway.sandbox.dicom.upload import APPLICATION_DICOM, Upload
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import DICOM_STORE_PATH, dicomweb_url, store_name
from gateway.sandbox.notifications import Notification, Notifier, of_instance
from gateway.sandbox.worker import Worker

READ_SIZE = 256 * 1024


class StowApi:
    """The handlers of ``POST …/studies``. *root* is the folder of the files; *worker* does the blocking work."""

    def __init__(self, database: Database, worker: Worker, root: Path, notifier: Notifier, streams: Streams) -> None:
        self._streams = streams
        self._database = database
        self._worker = worker
        self._root = root
        self._notifier = notifier

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        studies = f"{DICOM_STORE_PATH}/dicomWeb/studies"
        return [web.post(studies, self.store), web.post(f"{studies}/{{study:[0-9.]+}}", self.store)]

    async def store(self, request: web.Request) -> web.Response:
        """Store every valid instance of the request, after the whole request has been received."""
        require_json(request)
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise ApiError(415, "a compressed body is not accepted: its inflated size has no limit")
        boundary = _boundary(request)
        async with Upload(incoming_folder(self._root), self._worker) as upload:
            reason = await upload.receive(request.content.iter_chunked(READ_SIZE), boundary)
            if reason is not None:
                raise ApiError(400, f"invalid multipart body: {reason}")
            verdicts = await self._judge(request, upload)
        return json_response(_report(verdicts, dicomweb_url(request)), _status(verdicts))

    async def _judge(self, request: web.Request, upload: Upload) -> list[Instance | Failure]:
        study, files = request.match_info.get("study"), upload.files
        found, _ = await asyncio.gather(self._worker.run_each(lambda file: inspect(file, study), files), upload.sync())
        good = [(file, each) for file, each in zip(files, found, strict=True) if isinstance(each, Instance)]
        store = store_name(request, "dicomStores")
        added, notifications = await self._database.run(partial(add_and_tell, root=self._root, store=store, found=good))
        self._notifier.publish(notifications)
        await self._streams.write(store, new_among(good, added))
        verdicts = iter(added)
        return [next(verdicts) if isinstance(each, Instance) else each for each in found]


def add_and_tell(
    connection: sqlite3.Connection,
    root: Path,
    store: str,
    found: Sequence[tuple[Path, Instance]],
    action: str = "StoreInstances",
) -> tuple[list[Instance | Failure], list[Notification]]:
    """Add instances; return the verdict on each, and what is told of those that are new."""
    verdicts = dicom_store.add_all(connection, root, store, found)
    notifications = [
        each for instance in new_among(found, verdicts) for each in of_instance(connection, store, instance, action)
    ]
    return verdicts, notifications


def new_among(found: Sequence[tuple[Path, Instance]], verdicts: Sequence[Instance | Failure]) -> list[Instance]:
    """Return the instances that were not stored before: their files were moved."""
    return [
        instance
        for (file, instance), verdict in zip(found, verdicts, strict=True)
        if isinstance(verdict, Instance) and not file.exists()
    ]


def incoming_folder(root: Path) -> Path:
    """Return the folder for files that are being received, on the same file system, so that they can be renamed."""
    return root / "incoming"


def _boundary(request: web.Request) -> str:
    media_type = parse_media_type(request.headers.get("Content-Type", ""))
    kind = media_type.get("type")
    if media_type.name != "multipart/related" or kind is None or kind.lower() != APPLICATION_DICOM:
        raise ApiError(415, 'only multipart/related; type="application/dicom" is accepted here')
    boundary = media_type.get("boundary")
    # RFC 2046 5.1.1: 1 to 70 characters
    if not boundary or len(boundary) > 70:
        raise ApiError(400, "multipart/related needs a boundary of up to 70 characters")
    return boundary


def _status(verdicts: list[Instance | Failure]) -> int:
    """Return 200 if all are stored, 202 if some are, 409 if none is, and 400 if no part of the request is DICOM."""
    failures = [verdict for verdict in verdicts if isinstance(verdict, Failure)]
    if not failures:
        return 200
    if len(failures) < len(verdicts):
        return 202
    return 409 if any(failure.sop_uid for failure in failures) else 400


def _report(verdicts: list[Instance | Failure], root_url: str) -> Attributes:
    """Return the Store Instances Response Module (PS3.18 I.1)."""
    stored = [verdict for verdict in verdicts if isinstance(verdict, Instance)]
    failures = [verdict for verdict in verdicts if isinstance(verdict, Failure)]
    studies = {instance.study_uid for instance in stored}
    sequences = {
        "ReferencedSOPSequence": [_reference(instance, root_url) for instance in stored],
        "FailedSOPSequence": [_failed(failure) for failure in failures if failure.sop_uid],
        # Failures of parts whose SOP Instance UID is not known
        "OtherFailuresSequence": [_other(failure) for failure in failures if not failure.sop_uid],
    }
    report = {tag(keyword): element("SQ", *items) for keyword, items in sequences.items() if items}
    if len(studies) == 1:
        report[tag("RetrieveURL")] = element("UR", f"{root_url}/studies/{studies.pop()}")
    return report


def _reference(instance: Instance, root_url: str) -> Attributes:
    url = f"{root_url}/studies/{instance.study_uid}/series/{instance.series_uid}/instances/{instance.sop_uid}"
    return {
        tag("ReferencedSOPClassUID"): element("UI", instance.sop_class_uid),
        tag("ReferencedSOPInstanceUID"): element("UI", instance.sop_uid),
        tag("RetrieveURL"): element("UR", url),
    }


def _failed(failure: Failure) -> Attributes:
    return {
        tag("ReferencedSOPClassUID"): element("UI", failure.sop_class_uid),
        tag("ReferencedSOPInstanceUID"): element("UI", failure.sop_uid),
        **_other(failure),
    }


def _other(failure: Failure) -> Attributes:
    return {tag("FailureReason"): element("US", int(failure.reason))}
