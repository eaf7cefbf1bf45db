"""Errors in the format of Google's APIs: ``{"error": {"code", "message", "status", "details"}}``."""

import json

from aiohttp import web

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class ApiError(Exception):
    """A request that is answered with an error; *reason* is a fixed sentence without payload."""

    def __init__(
        self, status: int, reason: str, details: list[dict[str, str]] | None = None, status_name: str = ""
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.details = details or []
        self.status_name = status_name or STATUS_NAMES.get(status, "FAILED_PRECONDITION")


def error_response(error: ApiError) -> web.Response:
    """Return the reply for *error*."""
    body: dict[str, object] = {
        "code": error.status,
        "message": error.reason,
        "status": error.status_name,
    }
    if error.details:
        body["details"] = error.details
    # Pass octets: for text, aiohttp would add a charset, a parameter that application/json does not have (RFC 8259 11).
    data = json.dumps({"error": body}).encode()
    return web.Response(status=error.status, body=data, content_type="application/json")
