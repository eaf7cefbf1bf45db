"""One request: who sends it, what it asks for, its body, its delivery and its answer."""

import asyncio
import math
from collections.abc import Callable

from aiohttp import web

from adapters.fhir.message import facts_of
from adapters.http.answers import Answer, Problem
from adapters.http.fhir.answers import answer_about, answer_to
from adapters.http.fhir.bodies import problem_of
from adapters.http.fhir.requests import read_request
from adapters.http.service import Service
from adapters.http.serving.body import NO_ROOM, TOO_LARGE, BodyReader
from adapters.http.serving.connection import Connection
from adapters.http.serving.server import FAILED, NOT_HTTP, response_of
from gateway.contract.body import WholeBody
from gateway.contract.fhir import Interaction
from gateway.contract.message import Message
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Stored

SMALL = 256 * 1024
"""Largest body that is read in the event loop; a larger one is read in a thread meanwhile."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
UNEXPECTED = Problem(417, "not-supported", "the only expectation that is met is 100-continue")
BROKEN = Problem(400, "structure", "the body does not end where the request says", Rejection.PROTOCOL_ERROR)
GONE = Problem(400, "structure", "the peer was lost before the end of its request", Rejection.PEER_LOST)
NO_MORE = (NOT_HTTP, BROKEN)
"""After these it is not certain where the next request begins."""
TOO_OFTEN = "the listener takes fewer requests per second; send this one again later"


class Exchange:
    """Answers the requests of a listener's peers."""

    def __init__(self, service: Service[Connection], new_id: Callable[[], str]) -> None:
        self._service = service
        self._new_id = new_id
        self._loop = asyncio.get_running_loop()
        self._one_large = asyncio.Lock()
        """Several threads that read large bodies would leave little time to the event loop."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer *request*, and return the response that was sent."""
        connection = None if request.transport is None else self._service.by_transport.get(request.transport)
        if connection is None or connection.is_lost:
            return response_of(answer_about(NOT_HTTP))  # nobody is there to take it
        connection.begin()
        try:
            return await self._handle(request, connection)
        except Exception as error:  # noqa: BLE001  one request must not take the others down
            connection.report.rejected(Rejection.INTERNAL_ERROR, error=type(error).__name__)
            return await _sent(request, connection, answer_about(FAILED)) or web.Response()
        finally:
            connection.end()

    async def _handle(self, request: web.BaseRequest, connection: Connection) -> web.StreamResponse:
        began = self._loop.time()
        message = await self._take(request, connection)
        arrived = self._loop.time()
        if isinstance(message, Problem):
            connection.report.refused(message, arrived - began)
            closes = message in NO_MORE
            return await _sent(request, connection, answer_about(message), closes=closes) or web.Response()
        outcome: Outcome = await self._service.deliver(message)
        answer = answer_to(outcome, is_batch=message.facts["interaction"] == "batch")
        response = await _sent(request, connection, answer)
        if response is None:
            connection.report.undeliverable(message, outcome, self._loop.time() - arrived)
            return web.Response()
        self._service.answered(connection, connection.peer_ip, stored=isinstance(outcome, Stored))
        connection.report.answered(answer.status, message, outcome, self._loop.time() - arrived)
        return response

    async def _take(self, request: web.BaseRequest, connection: Connection) -> Message | Problem:
        """Return what the peer has sent as a message, or why it is refused."""
        interaction = self._admitted(request, connection)
        if isinstance(interaction, Problem):
            return interaction
        if (request.content_length or 0) > connection.policy.settings.max_body:
            return TOO_LARGE
        if "Expect" in request.headers:
            if request.headers["Expect"].lower() != "100-continue":
                return UNEXPECTED
            if request.transport is not None and not request.content.is_eof():
                request.transport.write(CONTINUE)  # curl sends a large body only then
        body = await _read(request, connection)
        if isinstance(body, Problem):
            return body
        connection.report.received(len(body))
        if len(body) <= SMALL:
            facts, problem = _checked(interaction, body)
        else:
            async with self._one_large:
                facts, problem = await asyncio.to_thread(_checked, interaction, body)
        return problem or self._message(connection, interaction, body, facts)

    def _admitted(self, request: web.BaseRequest, connection: Connection) -> Interaction | Problem:
        """Return what the head of a request asks for, or why its body is not read."""
        if _is_ambiguous(request):
            return NOT_HTTP
        headers = request.headers
        refusal = self._service.access.refusal(
            headers.getall("Authorization", []), is_certified=connection.is_certified
        )
        if refusal is not None:
            return refusal
        rate = connection.policy.rate
        wait = 0.0 if rate is None else rate.take(connection.peer_ip, self._loop.time())
        if wait > 0:
            connection.report.noticer.slowed(self._loop.time(), connection.policy.settings.messages_per_second or 0.0)
            return _too_often(wait)
        if self._service.is_exhausted:
            return NO_ROOM
        fields = list(headers.items())
        return read_request(request.method, request.raw_path, fields, self._service.settings.base_path)

    def _message(self, connection: Connection, interaction: Interaction, body: bytes, facts: dict[str, str]) -> Message:
        common = {"protocol": "http", "listener": self._service.name, "peer_ip": connection.peer_ip}
        return Message(
            self._new_id(),
            WholeBody(body),
            {**common, **facts},
            {},
            connection=connection.peer,
            interaction=interaction,
        )


def _is_ambiguous(request: web.BaseRequest) -> bool:
    """Whether a proxy in front could take another host, or another end of the body (RFC 9112 3.2, 6.1)."""
    headers = request.headers
    codings = headers.getall("Transfer-Encoding", [])
    ends = len(headers.getall("Content-Length", [])) + len(codings)
    is_chunked = all(each.strip().lower() == "chunked" for each in codings)
    return ends > 1 or not is_chunked or len(headers.getall("Host", [])) != 1


def _checked(interaction: Interaction, body: bytes) -> tuple[dict[str, str], Problem | None]:
    facts = facts_of(body, interaction)
    return facts, problem_of(interaction, body, facts)


def _too_often(seconds: float) -> Problem:
    later = (("Retry-After", str(max(1, math.ceil(seconds)))),)
    return Problem(429, "throttled", TOO_OFTEN, Rejection.RATE_LIMIT, later)


async def _read(request: web.BaseRequest, connection: Connection) -> bytes | Problem:
    try:
        return await BodyReader(connection.policy.settings, connection.memory).read(request.content)
    except (web.RequestPayloadError, ConnectionError):
        return GONE if connection.is_lost else BROKEN


async def _sent(
    request: web.BaseRequest, connection: Connection, answer: Answer, *, closes: bool = False
) -> web.Response | None:
    """Send *answer*; return the response, or None if the peer is gone. It is the last one if the body is not read."""
    response = response_of(answer)
    if closes or connection.is_ending or not request.content.is_eof():
        response.force_close()
        connection.finish()
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        return None
    return None if connection.is_lost else response
