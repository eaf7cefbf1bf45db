"""The messages of an HL7v2 store over HTTP, in the JSON format of the Cloud Healthcare API."""

import base64
import json
import re
import sqlite3
from functools import partial
from typing import Any, NoReturn

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.hl7v2.ack import refuse
from gateway.sandbox.hl7v2.filter import FilterError, parse_filter
from gateway.sandbox.hl7v2.message import Fault, find_fault, read_header
from gateway.sandbox.hl7v2.resource import VIEWS, check_keys, encode, labels_in, read_resource, resource_of
from gateway.sandbox.hl7v2.store import StoredMessage
from gateway.sandbox.json_bodies import read_object
from gateway.sandbox.names import HL7V2_STORE_PATH, store_name
from gateway.sandbox.notifications import Notification, Notifier, of_message
from gateway.sandbox.resources.masks import read_mask
from gateway.sandbox.stores import read_store

NACK_TYPE = "type.googleapis.com/google.cloud.healthcare.v1.hl7v2.IngestMessageErrorDetail"
DUPLICATE = Fault(205, "the store has a message with the same octets, and takes no duplicates")
DEFAULT_PAGE = 100
LARGEST_PAGE = 1000


class Hl7v2Api:
    """The handlers of ``…/hl7V2Stores/{store}/messages``. A store exists as soon as it is used."""

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        messages = f"{HL7V2_STORE_PATH}/messages"
        return [
            web.post(f"{messages}:ingest", self.ingest),
            web.post(messages, self.create),
            web.get(messages, self.list),
            web.get(f"{messages}/{{message}}", self.get),
            web.patch(f"{messages}/{{message}}", self.patch),
            web.delete(f"{messages}/{{message}}", self.delete),
        ]

    async def ingest(self, request: web.Request) -> web.Response:
        """Store a message and return the ACK, or the NACK within an error."""
        data, labels = await _read_request(request)
        fault = find_fault(data)
        if fault is not None:
            _raise_nack(data, fault)
        try:
            message = await self._add(request, data, labels)
        except DuplicateError:
            _raise_nack(data, DUPLICATE)
        return _reply({"hl7Ack": encode(message.ack), "message": resource_of(message, "RAW_ONLY")})

    async def create(self, request: web.Request) -> web.Response:
        """Store a message; the reply has no ACK and no NACK."""
        data, labels = await _read_request(request)
        fault = find_fault(data)
        if fault is not None:
            raise ApiError(400, f"invalid HL7v2 message: {fault.reason}")
        try:
            message = await self._add(request, data, labels)
        except DuplicateError:
            raise ApiError(409, DUPLICATE.reason) from None
        return _reply(resource_of(message, "RAW_ONLY"))

    async def get(self, request: web.Request) -> web.Response:
        """Return one message."""
        view = _view(request, default="FULL")
        get = partial(hl7v2_store.get, store=_store(request), identifier=request.match_info["message"])
        message = await self._database.run(get)
        if message is None:
            raise ApiError(404, "there is no such message")
        return _reply(resource_of(message, view))

    async def list(self, request: web.Request) -> web.Response:
        """Return a page of messages, oldest first."""
        view = _view(request, default="BASIC")
        size = _page_size(request.query.get("pageSize", "0"))
        keep = partial(masked, fields=request.query.get("fields", ""))
        order = hl7v2_store.ORDERS.get(request.query.get("orderBy", "").strip())
        if order is None:
            raise ApiError(
                400, "orderBy can only be send_time, with asc or desc; by default the order is that of arrival"
            )
        try:
            condition = parse_filter(request.query.get("filter", ""))
        except FilterError as error:
            raise ApiError(400, str(error)) from None
        after = _number_in(request.query.get("pageToken", ""))
        window = hl7v2_store.Window(after, size + 1, order)
        found = await self._database.run(
            partial(hl7v2_store.list_after, store=_store(request), window=window, condition=condition)
        )
        page: dict[str, Any] = {"hl7V2Messages": [keep(resource_of(message, view)) for message in found[:size]]}
        if len(found) > size:
            # An order of its own is paged by the number of messages before the page, otherwise by the last row.
            number = after + size if order else found[size - 1].row
            page["nextPageToken"] = base64.urlsafe_b64encode(b"%d" % number).decode()
        return _reply(page if found else {})

    async def patch(self, request: web.Request) -> web.Response:
        """Add labels to those of a message; nothing else of it can be changed."""
        read_mask(request, {"labels"})
        body = await read_object(request)
        check_keys(body)
        labels, identifier = labels_in(body.get("labels", {})), request.match_info["message"]
        relabel = partial(hl7v2_store.relabel, store=_store(request), identifier=identifier, labels=labels)
        message = await self._database.run(relabel)
        if message is None:
            raise ApiError(404, "there is no such message")
        return _reply(resource_of(message, "RAW_ONLY"))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one message."""
        delete = partial(hl7v2_store.delete, store=_store(request), identifier=request.match_info["message"])
        if not await self._database.run(delete):
            raise ApiError(404, "there is no such message")
        return _reply({})

    async def _add(self, request: web.Request, data: bytes, labels: dict[str, str]) -> StoredMessage:
        message, notifications = await self._database.run(
            partial(_add, store=_store(request), data=data, labels=labels)
        )
        self._notifier.publish(notifications)
        return message


class DuplicateError(Exception):
    """A message with the same octets is stored, and the store has ``rejectDuplicateMessage``."""


def _add(
    connection: sqlite3.Connection, store: str, data: bytes, labels: dict[str, str]
) -> tuple[StoredMessage, list[Notification]]:
    """Add a message; return it, and what is told of it: nothing if the same octets were stored already."""
    known = hl7v2_store.get(connection, store, hl7v2_store.message_id(data))
    if known is not None and read_store(connection, store).get("rejectDuplicateMessage"):
        raise DuplicateError
    if known is not None:
        return known, []
    message = hl7v2_store.add(connection, store, data, labels)
    return message, of_message(connection, store, message)


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
    return read_resource(message)


def _raise_nack(data: bytes, fault: Fault) -> NoReturn:
    nack = encode(refuse(read_header(data), fault))
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


def _number_in(page_token: str) -> int:
    """Return the number at which the previous page ended; SQLite's row numbers have up to 19 digits."""
    try:
        number = base64.urlsafe_b64decode(page_token) or b"0"
    except ValueError:
        number = b""
    if not number.isdigit() or len(number) > 18:
        raise ApiError(400, "pageToken is not valid")
    return int(number)


def masked(resource: dict[str, Any], fields: str) -> dict[str, Any]:
    """Return the keys of a message that a partial response has: ``fields=hl7V2Messages(name,createTime)``."""
    found = re.search(r"hl7V2Messages[(/]([A-Za-z0-9,]+)", fields)
    return resource if found is None else {key: resource[key] for key in found[1].split(",") if key in resource}


def _reply(body: dict[str, Any]) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), content_type="application/json")
