"""Errors of Cloud Storage and BigQuery: each has a reason, which tells clients what to do."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.sandbox.google_error import ApiError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REASONS = {
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "duplicate",
    412: "conditionNotMet",
    416: "requestedRangeNotSatisfiable",
    501: "notImplemented",
}


class ReasonedError(ApiError):
    """A request that is answered with an error and its reason, such as ``notFound`` or ``invalidQuery``."""

    def __init__(self, status: int, message: str, reason: str | None = None, location: str | None = None) -> None:
        super().__init__(status, message)
        self.code = reason or REASONS.get(status, "invalid")
        self.location = location

    def proto(self) -> dict[str, str]:
        """Return the error as a job of BigQuery tells it."""
        told = {"reason": self.code, "message": self.reason}
        return {**told, "location": self.location} if self.location else told


def reasoned(error: ApiError) -> ReasonedError:
    """Return *error* with a reason."""
    return error if isinstance(error, ReasonedError) else ReasonedError(error.status, error.reason)


def response_of(error: ReasonedError) -> web.Response:
    """Return the reply for *error*."""
    if error.status == 304:  # RFC 9110 15.4.5: without a body
        return web.Response(status=304)
    one = {"message": error.reason, "domain": "global", **error.proto()}
    body = {"error": {"code": error.status, "message": error.reason, "errors": [one]}}
    return web.Response(status=error.status, body=json.dumps(body).encode(), content_type="application/json")


def with_reasons(handler: Handler) -> Handler:
    """Return *handler* with its errors in this form."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return response_of(reasoned(error))

    return handle
