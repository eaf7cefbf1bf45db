"""``:export`` of a DICOM store into a bucket: ``{study}/{series}/{instance}.dcm``, or images of its frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfileobj

from gateway.sandbox.dicom import store as dicom_store
from gateway.sandbox.dicom.media_type import parse_media_type
from gateway.sandbox.dicom.pixels import frames
from gateway.sandbox.dicom.pixels.rendering import FORMATS, check_installed, render
from gateway.sandbox.dicom.store import Scope, StoredInstance
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.operations.running import PartlyDoneError, Progress
from gateway.sandbox.place import Place

EXTENSIONS: Mapping[str, str] = {
    "application/dicom": ".dcm",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/octet-stream": "",
}


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported, in which form, and where to."""

    store: str
    scopes: Sequence[Scope] | None
    """None for the whole store."""
    prefix: str
    kind: str = "application/dicom"
    syntax: str = "*"


def read_type(text: str) -> tuple[str, str]:
    """Return the type and transfer syntax of ``mimeType``; raises a 400 or 501 for what cannot be written."""
    found = parse_media_type(text or "application/dicom")
    syntax = found.get("transfer-syntax") or "*"
    if found.name not in EXTENSIONS:
        raise ApiError(400, f"mimeType is not one of {', '.join(EXTENSIONS)}")
    if found.name in FORMATS:
        check_installed()
    if found.name == "application/octet-stream" and syntax not in {"*", "1.2.840.10008.1.2.1"}:
        raise ApiError(400, "application/octet-stream has transfer-syntax=* or 1.2.840.10008.1.2.1")
    return found.name, syntax


async def export_files(place: Place, asked: Export, progress: Progress) -> None:
    """Write what is asked for; ends with an error if an instance cannot be written in the form, as an import does."""
    found: dict[Path, StoredInstance] = {}
    for scope in [Scope(asked.store)] if asked.scopes is None else asked.scopes:
        for each in await place.database.run(partial(dicom_store.find, root=place.root, scope=scope)):
            found[each.path] = each
    progress.pending = len(found)
    await progress.write(progress)
    for path, instance in found.items():
        try:
            await place.worker.run(partial(_write, place, asked, instance))
        except FileNotFoundError:
            await progress.done("it was deleted meanwhile", _place_of(path))
        except ApiError as error:
            await progress.done(error.reason, _place_of(path))
        else:
            await progress.done()
    if progress.failure:
        raise PartlyDoneError(f"{progress.failure} of {len(found)} instances could not be exported")


def _write(place: Place, asked: Export, instance: StoredInstance) -> None:
    stem = f"{instance.path.parent.parent.name}/{instance.path.parent.name}/{instance.path.stem}"
    extension = EXTENSIONS[asked.kind]
    if asked.kind == "application/dicom":
        if asked.syntax not in {"*", instance.transfer_syntax_uid}:
            raise ApiError(501, "it has another transfer syntax, and the sandbox does not transcode")
        with instance.path.open("rb") as source, place.buckets.create(asked.prefix, f"{stem}{extension}") as target:
            copyfileobj(source, target, 1 << 20)
        return
    data_set = frames.read(instance.path)
    total = frames.count(data_set)
    for number in range(1, total + 1):
        if asked.kind in FORMATS:
            octets = render(data_set, number, asked.kind, None)
        else:
            octets = (frames.stored if asked.syntax == "*" else frames.decoded)(data_set, number)
        name = f"{stem}/{number}{extension}" if total > 1 else f"{stem}{extension}"
        with place.buckets.create(asked.prefix, name) as target:
            target.write(octets)


def _place_of(path: Path) -> str:
    return f"/studies/{path.parent.parent.name}/series/{path.parent.name}/instances/{path.stem}"
