"""aiohttp's server, with answers of ours to what it refuses by itself: octets that are not HTTP, and bugs.

aiohttp would answer with a page of text that repeats a part of the request, and log it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from adapters.http.answers import Answer, Problem
from adapters.http.fhir.answers import answer_about
from adapters.http.service import Service
from adapters.http.serving.connection import Connection
from gateway.contract.meter import Rejection

NOT_HTTP = Problem(400, "structure", "the request is not HTTP/1.1 as RFC 9112 says", Rejection.PROTOCOL_ERROR)
FAILED = Problem(500, "exception", "Hilum failed; the log says where", Rejection.INTERNAL_ERROR)
OURS = {"Server": "Hilum", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Fields of every response: what it has names patients, and no cache may keep it."""

LINGER_SECONDS = 10.0
"""How long a peer is read on that has its last answer and has not sent the whole body: many read it only then."""

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server(web.Server):
    """Makes the protocol of each connection."""

    def __init__(self, service: Service[Connection], handle: Handle) -> None:
        super().__init__(handle)
        self.service = service

    def __call__(self) -> web.RequestHandler:
        """Return aiohttp's protocol for a new connection; the limits of time are those of ``Connection``."""
        loop = asyncio.get_running_loop()
        return Requests(self, loop=loop, access_log=None, auto_decompress=False, lingering_time=LINGER_SECONDS)


class Requests(web.RequestHandler):
    """Reads the requests of one connection."""

    def __init__(self, server: Server, **options: Any) -> None:
        super().__init__(server, **options)
        self._service = server.service

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,  # noqa: ARG002  it may quote the request
        message: str | None = None,  # noqa: ARG002  likewise
    ) -> web.StreamResponse:
        """Return the response to what aiohttp refuses; the connection closes after it."""
        problem = NOT_HTTP if 400 <= status < 500 else FAILED
        connection = None if request.transport is None else self._service.by_transport.get(request.transport)
        if connection is not None:
            connection.report.refused(problem, 0.0)
        response = response_of(answer_about(problem))
        response.force_close()
        response.headers["Connection"] = "close"  # aiohttp answers as HTTP/1.0, where this needs not be said
        return response

    def log_exception(self, *_: Any, **__: Any) -> None:
        """Log nothing: ``handle_error`` has told of it, and an exception may quote the request."""


def response_of(answer: Answer) -> web.Response:
    """Return *answer* as aiohttp sends it."""
    response = web.Response(status=answer.status, body=answer.body or None, headers=OURS)
    for name, value in answer.headers:
        response.headers[name] = value
    return response
