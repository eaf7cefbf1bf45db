"""HTTP of the FHIR store: bodies up to Google's limits, replies with ETag and Location, errors as OperationOutcome."""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any, TypeVar

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.fhir.bodies import read_json, write_json
from gateway.sandbox.fhir.interactions import Done
from gateway.sandbox.fhir.managing.stores import open_session
from gateway.sandbox.fhir.notifications import of_changes
from gateway.sandbox.fhir.outcome import FhirError, invalid, outcome
from gateway.sandbox.fhir.session import Change, Session
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.fhir.tables.streaming import FhirStreams
from gateway.sandbox.names import fhir_url, store_name
from gateway.sandbox.notifications import Notification, Notifier

FHIR_JSON = "application/fhir+json"
LARGEST_RESOURCE, LARGEST_BUNDLE = 10 << 20, 50 << 20
T = TypeVar("T")
Handler = Callable[[Any, web.Request], Awaitable[web.StreamResponse]]
Listener = Callable[[str, list[Change]], None]
"""What is told of the changes of a store, by its name, after their commit. It must not raise."""


class FhirStores:
    """Runs work in the transaction of one store, within its quota; topics, listeners and tables hear what changed."""

    def __init__(
        self,
        database: Database,
        options: FhirOptions,
        listeners: list[Listener],
        notifier: Notifier,
        streams: FhirStreams,
    ) -> None:
        self.database = database
        self.options = options
        self.streams = streams
        """What writes rows of changes."""
        self._listeners = listeners
        self._notifier = notifier
        self._requests: deque[float] = deque()

    async def run(self, request: web.Request, work: Callable[[Session], T], *, check: bool = True) -> T:
        """Return what *work* returns after the commit; if it raises, or a reference is broken, nothing is changed."""
        return await self.run_in(store_name(request, "fhirStores"), work, check=check)

    async def run_in(self, name: str, work: Callable[[Session], T], *, check: bool = True) -> T:
        """Do the same in the store of a name."""
        self._count_request()
        work_in_store = partial(self._work, name=name, work=work, check=check)
        result, session, notifications = await self.database.run(work_in_store)
        changes = session.changes
        self._notifier.publish(notifications)
        for listener in self._listeners if changes else ():
            listener(name, changes)
        if session.flags.streams:
            await self.streams.write(session.flags.streams, changes)
        return result

    def _work(
        self, connection: Any, name: str, work: Callable[[Session], T], *, check: bool
    ) -> tuple[T, Session, list[Notification]]:
        session = open_session(connection, name, self.options)
        result = work(session)
        if check:
            session.check_references()
        return result, session, list(of_changes(name, session.flags.notifications, session.changes))

    def _count_request(self) -> None:
        now, quota = time.monotonic(), self.options.requests_per_minute
        while self._requests and self._requests[0] < now - 60:
            self._requests.popleft()
        if quota and len(self._requests) >= quota:
            raise FhirError(429, "throttled", "quota_exceeded", "the quota of requests per minute is used up")
        if quota:
            self._requests.append(now)


def answering(handler: Handler) -> Handler:
    """Answer a :class:`FhirError` of the handler with its OperationOutcome."""

    @wraps(handler)
    async def answered(self: Any, request: web.Request) -> web.StreamResponse:
        try:
            return await handler(self, request)
        except FhirError as error:
            return reply(outcome(error), status=error.status)

    return answered


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a reply with a resource."""
    data = body if isinstance(body, bytes) else write_json(body)
    return web.Response(status=status, body=data, headers={"Content-Type": FHIR_JSON, **(headers or {})})


def reply_done(request: web.Request, done: Done) -> web.Response:
    """Return the reply to a write or a read."""
    if done.held is None or not done.with_body:
        return reply(_success())
    held = done.held
    headers = {
        "ETag": f'W/"{held.version_id}"',
        # HTTP has whole seconds; meta.lastUpdated has the rest.
        "Last-Modified": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(held.version // 1_000_000)),
    }
    location = f"{fhir_url(request)}/{held.type}/{held.id}/_history/{held.version_id}"
    headers["Location" if done.status == 201 else "Content-Location"] = location
    prefer = request.headers.get("Prefer", "")
    if request.method != "GET" and "return=minimal" in prefer:
        return web.Response(status=done.status, headers=headers)
    if request.method != "GET" and "return=OperationOutcome" in prefer:
        return reply(_success(), done.status, headers)
    return reply(held.body, done.status, headers)


def _success() -> dict[str, Any]:
    issue = {"severity": "information", "code": "informational", "details": {"text": "success"}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


async def read_body(request: web.Request, largest: int = LARGEST_RESOURCE) -> Any:
    """Return the JSON of a request; raises a 413 above *largest* octets, a 415 for another content type."""
    kind = request.content_type
    if not (kind.endswith("json") or kind == "application/octet-stream"):
        raise FhirError(415, "not-supported", "unsupported_media_type", "the content type is not JSON")
    try:
        return read_json(await read_octets(request, largest))
    except ValueError as error:
        raise invalid(str(error)) from None


async def read_octets(request: web.Request, largest: int) -> bytes:
    """Return the body of a request; raises a 413 above *largest* octets."""
    received = bytearray()
    async for chunk in request.content.iter_any():
        received += chunk
        if len(received) > largest:
            raise FhirError(413, "too-long", "request_too_large", f"the body is larger than {largest} octets")
    return bytes(received)


def is_strict(request: web.Request, default: bool) -> bool:
    """Return whether an unknown search parameter is an error: ``Prefer: handling=strict`` or the store's default."""
    prefer = request.headers.get("Prefer", "")
    if "handling=strict" in prefer:
        return True
    return default and "handling=lenient" not in prefer
