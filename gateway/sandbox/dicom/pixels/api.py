"""Frames, rendered images and bulk data over HTTP (PS3.18 10.4)."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from aiohttp import web
from pydicom.dataset import Dataset

from gateway.sandbox.database import Database
from gateway.sandbox.dicom import store as dicom_store
from gateway.sandbox.dicom.media_type import MediaType, parse_accept
from gateway.sandbox.dicom.pixels import frames
from gateway.sandbox.dicom.pixels.bulkdata import bulkdata
from gateway.sandbox.dicom.pixels.rendering import FORMATS, Viewport, read_viewport, render
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.dicom.wado import INSTANCE
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import DICOM_STORE_PATH, store_name
from gateway.sandbox.worker import Worker

T = TypeVar("T")
OCTETS = "application/octet-stream"
STORED_TYPES = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.4.201": "image/jphc",
    "1.2.840.10008.1.2.4.202": "image/jphc",
    "1.2.840.10008.1.2.4.203": "image/jphc",
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}
"""The media types of compressed frames (PS3.18 Table 8.7.3-5)."""
ANY = {"*/*", "application/json"}
"""Google's clients ask for JSON although the answer is none."""
EXPLICIT = "1.2.840.10008.1.2.1"


class PixelsApi:
    """The handlers below an instance: ``frames``, ``rendered`` and ``bulkdata``."""

    def __init__(self, database: Database, worker: Worker, root: Path) -> None:
        self._database, self._worker, self._root = database, worker, root

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        instance = f"{DICOM_STORE_PATH}/dicomWeb/{INSTANCE}"
        return [
            web.get(f"{instance}/rendered", self.rendered),
            web.get(f"{instance}/frames/{{frames}}", self.frames),
            web.get(f"{instance}/frames/{{frames}}/rendered", self.rendered),
            web.get(f"{instance}/bulkdata/{{place:.+}}", self.bulkdata),
        ]

    async def frames(self, request: web.Request) -> web.Response:
        """Return frames, each a part: without compression, or as they are stored to a client that accepts that."""
        path = await self._path(request)
        accepted = parse_accept(request.headers.get("Accept", ""))
        kind, found = await self._worker.run(partial(_frames, path, request.match_info["frames"], accepted))
        is_single = len(found) == 1 and any(each.name == kind.partition(";")[0] for each in accepted)
        if is_single:
            return web.Response(body=found[0], headers={"Content-Type": kind})
        return _multipart(kind, found)

    async def rendered(self, request: web.Request) -> web.Response:
        """Return a frame as JPEG or PNG: the one that the path names, or the first one."""
        viewport = read_viewport(request.query.get("viewport", ""))
        media_type = _image_type(parse_accept(request.headers.get("Accept", "")))
        path, number = await self._path(request), request.match_info.get("frames", "1")
        body = await self._worker.run(partial(_rendered, path, number, media_type, viewport))
        return web.Response(body=body, content_type=media_type)

    async def bulkdata(self, request: web.Request) -> web.Response:
        """Return the octets of one element."""
        path, place = await self._path(request), request.match_info["place"]
        body = await self._worker.run(partial(bulkdata, path, place))
        accepted = {each.name for each in parse_accept(request.headers.get("Accept", ""))}
        if accepted & {"multipart/related", "multipart/*"}:
            return _multipart(OCTETS, [body])
        if not accepted & {OCTETS, "application/*", *ANY}:
            raise ApiError(406, "bulk data is application/octet-stream")
        return web.Response(body=body, content_type=OCTETS)

    async def _path(self, request: web.Request) -> Path:
        info = request.match_info
        scope = Scope(store_name(request, "dicomStores"), info["study"], info["series"], info["instance"])
        found = await self._database.run(partial(dicom_store.find, root=self._root, scope=scope))
        if not found:
            raise ApiError(404, "there is no such instance")
        return found[0].path


def _frames(path: Path, numbers: str, accepted: Sequence[MediaType]) -> tuple[str, list[bytes]]:
    data_set = frames.read(path)
    chosen = frames.numbers_in(numbers, data_set)
    syntax = str(data_set.file_meta.TransferSyntaxUID)
    for each in accepted:
        kind, wanted = _inner(each), each.get("transfer-syntax")
        own = STORED_TYPES.get(syntax, OCTETS)
        if frames.is_compressed(data_set) and wanted in {"*", syntax, None if kind == own else "*"}:
            if kind in {own, OCTETS, "*/*"}:
                told = own if kind == "*/*" else kind
                return f"{told}; transfer-syntax={syntax}", _each(frames.stored, data_set, chosen)
        elif kind in {OCTETS, "*/*"} and wanted in {None, "*", EXPLICIT}:
            return f"{OCTETS}; transfer-syntax={EXPLICIT}", _each(frames.decoded, data_set, chosen)
    raise ApiError(406, "frames are application/octet-stream, or in their own type and transfer syntax")


def _each(read: Callable[[Dataset, int], bytes], data_set: Dataset, numbers: Sequence[int]) -> list[bytes]:
    return [read(data_set, number) for number in numbers]


def _inner(accepted: MediaType) -> str:
    """Return the type of the parts that a client accepts."""
    if accepted.name in {"multipart/related", "multipart/*"}:
        return (accepted.get("type") or OCTETS).lower()
    return "*/*" if accepted.name in ANY else accepted.name


def _rendered(path: Path, numbers: str, media_type: str, viewport: Viewport | None) -> bytes:
    data_set = frames.read(path)
    chosen = frames.numbers_in(numbers, data_set)
    if len(chosen) != 1:
        raise ApiError(400, "one frame can be rendered at a time")
    return render(data_set, chosen[0], media_type, viewport)


def _image_type(accepted: Sequence[MediaType]) -> str:
    for each in accepted:
        if each.name in FORMATS:
            return each.name
        if each.name in {"image/*", *ANY}:
            return "image/jpeg"
    raise ApiError(406, "rendered images are image/jpeg or image/png")


def _multipart(kind: str, parts: Sequence[bytes]) -> web.Response:
    boundary = uuid4().hex
    head = f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode()
    body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    outer = f'multipart/related; type="{kind.partition(";")[0]}"; boundary={boundary}'
    return web.Response(body=body, headers={"Content-Type": outer})
