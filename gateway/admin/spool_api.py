"""The spool over the admin port: what ``hilum spool`` does, as JSON over HTTP."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Container, Mapping
from typing import Any

import structlog
from aiohttp import web

from gateway.admin.callers import caller_of
from gateway.admin.spool_acts import Actor, Done, SpoolActs
from gateway.admin.spool_report import in_order, moved_as_json, reason_as_json, record_as_json, total_as_json
from gateway.contract.acts import TellAct
from gateway.contract.body import Buffer
from gateway.contract.errors import ConfigError, GatewayError
from gateway.spool import Operations, PayloadDamaged, Record, Selection, SpoolError
from gateway.spool.operating.destinations import Destinations
from gateway.spool.operating.lookup import PayloadGone, UnknownEntry, find_payload, find_record
from gateway.spool.operating.requests import DECISION, MOVE, PAGE, find_decided, find_moved, find_page
from gateway.spool.operating.selection import read_flag, read_reason, refuse_unknown

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROOT = "/api/v1/spool"
STATUSES: Mapping[type[GatewayError], int] = {
    ConfigError: 400,
    UnknownEntry: 404,
    PayloadGone: 410,
    PayloadDamaged: 500,
    SpoolError: 503,
}
"""The HTTP status of each kind of error."""
PAYLOAD_HEADERS = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": "attachment",  # a browser saves the payload and never renders it
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

log = structlog.get_logger()


def spool_routes(
    operations: Operations,
    destinations: Destinations,
    listeners: Collection[str],
    tell: TellAct,
    keyed: Container[str] = (),
) -> list[web.RouteDef]:
    """Return the routes under ``/api/v1/spool``. They give access to every spooled payload.

    They tell no identifier of the *keyed* listeners.
    """
    api = SpoolApi(operations, destinations, listeners, tell, keyed)
    entry = ROOT + "/entries/{id}"
    return [
        web.get(ROOT, _answering(api.totals)),
        web.get(f"{ROOT}/reasons", _answering(api.reasons)),
        web.get(f"{ROOT}/entries", _answering(api.entries)),
        web.get(entry, _answering(api.entry)),
        web.get(f"{entry}/payload", _answering(api.payload), allow_head=False),
        web.post(f"{ROOT}/retry", _answering(api.retry)),
        web.post(f"{ROOT}/discard", _answering(api.discard)),
        web.post(f"{ROOT}/move", _answering(api.move)),
    ]


class SpoolApi:
    """Handles the requests; raises GatewayError for those that fail."""

    def __init__(
        self,
        operations: Operations,
        destinations: Destinations,
        listeners: Collection[str],
        tell: TellAct,
        keyed: Container[str] = (),
    ) -> None:
        self._keyed = keyed
        self._acts = SpoolActs(operations, destinations, listeners, tell)
        self._operations = operations
        self._names = self._acts.names

    async def totals(self, request: web.Request) -> web.StreamResponse:
        """Answer with the totals by destination and state."""
        _query(request)
        totals = await self._operations.totals()
        shown = [total_as_json(each) for each in totals if each.count]
        return web.json_response({"totals": shown, "set_aside": await self._operations.set_aside()})

    async def reasons(self, request: web.Request) -> web.StreamResponse:
        """Answer with the totals of waiting and parked entries by destination, state and reason."""
        _query(request)
        totals = await self._operations.totals_by_reason(Selection())
        return web.json_response({"totals": [reason_as_json(each) for each in in_order(totals)]})

    async def entries(self, request: web.Request) -> web.StreamResponse:
        """Answer with one page of the entries that match."""
        page = await find_page(self._operations, _query(request, *PAGE), time.time(), self._names)
        return web.json_response({"entries": [self._as_json(each) for each in page.records], "next": page.next})

    async def entry(self, request: web.Request) -> web.StreamResponse:
        """Answer with one record."""
        return web.json_response(self._as_json(await find_record(self._operations, request.match_info["id"])))

    def _as_json(self, record: Record) -> dict[str, object]:
        told = record_as_json(record)
        return {**told, "identifiers": {}} if record.listener in self._keyed else told

    async def payload(self, request: web.Request) -> web.StreamResponse:
        """Stream one payload; no other route returns any octet of a payload."""
        body = await find_payload(self._operations, request.match_info["id"])
        chunks = body.chunks()
        first = await anext(chunks, b"")  # damage in the first chunk is still answered with its own status
        log.info("spool_payload_read", peer=request.remote, entry_id=request.match_info["id"])
        meant = Selection(entry_ids=frozenset([request.match_info["id"]]))
        async with self._acts.telling(_actor(request), "sent", meant) as told:
            response = web.StreamResponse(headers=PAYLOAD_HEADERS)
            response.content_length = body.length
            await response.prepare(request)
            await response.write(first)
            async for chunk in _readable(chunks, request):
                await response.write(chunk)
            told.count = 1
        return response

    async def retry(self, request: web.Request) -> web.StreamResponse:
        """Make parked entries wait for delivery again and end the pause of waiting ones; answer with the number."""
        words = await _body(request, *DECISION, "dry_run")
        selection = await find_decided(self._operations, words, time.time(), self._names)
        if read_flag(words, "dry_run"):
            return await self._preview(selection)
        done = await self._acts.retry(selection, _actor(request))
        left = {"left": list(done.left)} if done.left else {}
        return _decided(done, {"count": done.count, **left})

    async def discard(self, request: web.Request) -> web.StreamResponse:
        """Discard entries for good; answer with the number."""
        words = await _body(request, *DECISION, "reason", "dry_run")
        reason = read_reason(words)
        selection = await find_decided(self._operations, words, time.time(), self._names)
        if read_flag(words, "dry_run"):
            return await self._preview(selection)
        done = await self._acts.discard(selection, _actor(request), reason)
        return _decided(done, {"count": done.count})

    async def move(self, request: web.Request) -> web.StreamResponse:
        """Move entries to another destination; answer with the number."""
        words = await _body(request, *MOVE)
        selection, to = await find_moved(self._operations, words, time.time(), self._names)
        moved, done = await self._acts.move(selection, to, _actor(request))
        return _decided(done, moved_as_json(moved))

    async def _preview(self, selection: Selection) -> web.StreamResponse:
        """Answer with the totals of the selected entries, and change nothing."""
        totals = in_order(await self._operations.totals_by_reason(selection))
        count = sum(each.count for each in totals)
        return web.json_response({"count": count, "totals": [reason_as_json(each) for each in totals]})


def _answering(handler: Handler) -> Handler:
    """Convert the errors of *handler* into responses."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except tuple(STATUSES) as error:
            status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
            return web.json_response({"error": str(error)}, status=status)

    return answer


def _query(request: web.Request, *known: str) -> Mapping[str, str]:
    """Return the query parameters of a request; raises ConfigError for one that is unknown or given twice."""
    refuse_unknown([name for name, _ in request.query.items()], known)
    return request.query


async def _body(request: web.Request, *known: str) -> Mapping[str, Any]:
    """Return the JSON object of a request that changes something.

    Only JSON is accepted, as a protection against cross-site requests: a foreign web page can make an operator's
    browser post a form here, but only with one of three media types that need no CORS preflight. For JSON a browser
    sends a preflight request, which is never granted.
    """
    if request.content_type != "application/json":
        raise ConfigError("Content-Type: is not application/json; send the selection as JSON")
    try:
        words = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise ConfigError('body: is not JSON; send an object such as {"ids": ["…"]}') from None
    if not isinstance(words, dict):
        raise ConfigError('body: is not a JSON object; send one such as {"ids": ["…"]}')
    refuse_unknown(words, known)
    return words


async def _readable(chunks: AsyncIterator[Buffer], request: web.Request) -> AsyncIterator[Buffer]:
    """Yield the rest of a payload; if it cannot be read, log the reason and cut the answer short.

    The status has been sent already: the client notices that the body is shorter than Content-Length.
    """
    try:
        async for chunk in chunks:
            yield chunk
    except (SpoolError, OSError) as error:
        reason = str(error) if isinstance(error, SpoolError) else f"the payload cannot be read: {error.strerror}"
        log.error("spool_payload_cut_off", peer=request.remote, entry_id=request.match_info["id"], reason=reason)
        raise ConnectionAbortedError(reason) from None


def _actor(request: web.Request) -> Actor:
    return Actor(caller_of(request), request.remote or "")


def _decided(done: Done, figures: Mapping[str, object]) -> web.Response:
    """Answer with the number of entries that were changed.

    The answer has ``not_audited`` if a sink of the audit trail has not written the event: the act is done nevertheless.
    """
    return web.json_response({**figures, **({"not_audited": list(done.not_audited)} if done.not_audited else {})})
