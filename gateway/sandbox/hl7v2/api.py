"""The messages of an HL7v2 store over HTTP, in the JSON format of the Cloud Healthcare API."""

import base64
import binascii
import json
from functools import partial
from typing import Any, NoReturn

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.hl7v2.ack import refuse
from gateway.sandbox.hl7v2.filter import FilterError, parse_filter
from gateway.sandbox.hl7v2.message import Fault, find_fault, read_header
from gateway.sandbox.hl7v2.parsed import parsed_data
from gateway.sandbox.hl7v2.store import StoredMessage
from gateway.sandbox.names import HL7V2_STORE_PATH, store_name

NACK_TYPE = "type.googleapis.com/google.cloud.healthcare.v1.hl7v2.IngestMessageErrorDetail"
WRITABLE = {"data", "labels"}
OUTPUT_ONLY = {
    "name",
    "createTime",
    "messageType",
    "sendFacility",
    "sendTime",
    "patientIds",
    "parsedData",
    "schematizedData",
}
VIEWS = {"MESSAGE_VIEW_UNSPECIFIED", "RAW_ONLY", "PARSED_ONLY", "FULL", "BASIC"}
DEFAULT_PAGE = 100
LARGEST_PAGE = 1000


class Hl7v2Api:
    """The handlers of ``…/hl7V2Stores/{store}/messages``. A store exists as soon as it is used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        messages = f"{HL7V2_STORE_PATH}/messages"
        return [
            web.post(f"{messages}:ingest", self.ingest),
            web.post(messages, self.create),
            web.get(messages, self.list),
            web.get(f"{messages}/{{message}}", self.get),
            web.delete(f"{messages}/{{message}}", self.delete),
        ]

    async def ingest(self, request: web.Request) -> web.Response:
        """Store a message and return the ACK, or the NACK within an error."""
        data, labels = await _read_request(request)
        fault = find_fault(data)
        if fault is not None:
            _raise_nack(data, fault)
        message = await self._add(request, data, labels)
        return _reply({"hl7Ack": _encode(message.ack), "message": _resource(message, "RAW_ONLY")})

    async def create(self, request: web.Request) -> web.Response:
        """Store a message; the reply has no ACK and no NACK."""
        data, labels = await _read_request(request)
        fault = find_fault(data)
        if fault is not None:
            raise ApiError(400, f"invalid HL7v2 message: {fault.reason}")
        return _reply(_resource(await self._add(request, data, labels), "RAW_ONLY"))

    async def get(self, request: web.Request) -> web.Response:
        """Return one message."""
        view = _view(request, default="FULL")
        get = partial(hl7v2_store.get, store=_store(request), identifier=request.match_info["message"])
        message = await self._database.run(get)
        if message is None:
            raise ApiError(404, "there is no such message")
        return _reply(_resource(message, view))

    async def list(self, request: web.Request) -> web.Response:
        """Return a page of messages, oldest first."""
        view = _view(request, default="BASIC")
        size = _page_size(request.query.get("pageSize", "0"))
        if request.query.get("orderBy"):
            raise ApiError(400, "orderBy is not supported: messages are listed in the order of their arrival")
        try:
            condition = parse_filter(request.query.get("filter", ""))
        except FilterError as error:
            raise ApiError(400, str(error)) from None
        after = _row_of(request.query.get("pageToken", ""))
        found = await self._database.run(
            partial(hl7v2_store.list_after, store=_store(request), row=after, condition=condition, limit=size + 1)
        )
        page: dict[str, Any] = {"hl7V2Messages": [_resource(message, view) for message in found[:size]]}
        if len(found) > size:
            page["nextPageToken"] = base64.urlsafe_b64encode(b"%d" % found[size - 1].row).decode()
        return _reply(page if found else {})

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one message."""
        delete = partial(hl7v2_store.delete, store=_store(request), identifier=request.match_info["message"])
        if not await self._database.run(delete):
            raise ApiError(404, "there is no such message")
        return _reply({})

    async def _add(self, request: web.Request, data: bytes, labels: dict[str, str]) -> StoredMessage:
        return await self._database.run(
            partial(hl7v2_store.add, store=_store(request), data=data, labels=labels),
        )


def _store(request: web.Request) -> str:
    return store_name(request, "hl7V2Stores")


async def _read_request(request: web.Request) -> tuple[bytes, dict[str, str]]:
    """Return the message and its labels out of ``{"message": {"data": …, "labels": …}}``."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise ApiError(400, "the request is not JSON") from None
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict) or set(body) != {"message"}:
        raise ApiError(400, "the request must be an object with the one key message")
    if set(message) - WRITABLE - OUTPUT_ONLY:
        raise ApiError(400, "message has a key that is not known")
    return _decode(message.get("data")), _labels(message.get("labels", {}))


def _decode(text: object) -> bytes:
    if not isinstance(text, str) or not text:
        raise ApiError(400, "message.data is required")
    try:
        # The JSON mapping of protocol buffers accepts the standard and the URL-safe alphabet.
        data = base64.b64decode(text.translate({0x2D: "+", 0x5F: "/"}), validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(400, "message.data is not base64") from None
    return data


def _labels(labels: object) -> dict[str, str]:
    if isinstance(labels, dict) and all(isinstance(value, str) for value in labels.values()):
        return labels
    raise ApiError(400, "message.labels must map strings to strings")


def _raise_nack(data: bytes, fault: Fault) -> NoReturn:
    nack = _encode(refuse(read_header(data), fault))
    raise ApiError(400, f"invalid HL7v2 message: {fault.reason}", [{"@type": NACK_TYPE, "hl7Nack": nack}])


def _view(request: web.Request, default: str) -> str:
    view = request.query.get("view", default)
    if view not in VIEWS:
        raise ApiError(400, "view is not supported")
    return default if view == "MESSAGE_VIEW_UNSPECIFIED" else view


def _page_size(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or int(text) > LARGEST_PAGE:
        raise ApiError(400, f"pageSize must be a number up to {LARGEST_PAGE}")
    return int(text) or DEFAULT_PAGE


def _row_of(page_token: str) -> int:
    """Return the row at which the previous page ended; SQLite's row numbers have up to 19 digits."""
    try:
        row = base64.urlsafe_b64decode(page_token) or b"0"
    except ValueError:
        row = b""
    if not row.isdigit() or len(row) > 18:
        raise ApiError(400, "pageToken is not valid")
    return int(row)


def _resource(message: StoredMessage, view: str) -> dict[str, Any]:
    if view == "BASIC":
        return {"name": message.name}
    resource: dict[str, Any] = {
        "name": message.name,
        "createTime": message.create_time,
        "sendTime": message.send_time,
        "sendFacility": message.send_facility,
        "messageType": message.message_type,
        "patientIds": message.patient_ids,
        "labels": message.labels,
    }
    if view != "PARSED_ONLY":
        resource["data"] = _encode(message.data)
    if view != "RAW_ONLY":
        resource["parsedData"] = parsed_data(message.data)
    # Google leaves out what is empty.
    return {key: value for key, value in resource.items() if value}


def _encode(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _reply(body: dict[str, Any]) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), content_type="application/json")
