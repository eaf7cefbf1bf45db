"""Errors with a reason."""

import json

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.reasoned_error import ReasonedError, reasoned, response_of, with_reasons


def test_body() -> None:
    """The body has the message and the reason, once for old clients and once for new ones."""
    reply = response_of(ReasonedError(404, "there is none", location="x"))
    assert isinstance(reply.body, bytes)
    error = json.loads(reply.body)["error"]
    assert (404, "there is none") == (error["code"], error["message"])
    one = {"message": "there is none", "domain": "global", "reason": "notFound", "location": "x"}
    assert [one] == error["errors"]


def test_no_body_without_news() -> None:
    """RFC 9110 15.4.5: a 304 has no body."""
    assert response_of(ReasonedError(304, "nothing new")).body is None


def test_other_errors_get_a_reason() -> None:
    """An error of another part of the sandbox is told in the same form."""
    assert reasoned(ApiError(400, "wrong")).code == "invalid"


async def test_handler() -> None:
    """Errors of a handler become replies."""

    async def fail(_: web.Request) -> web.StreamResponse:
        raise ReasonedError(412, "not so")

    assert (await with_reasons(fail)(make_mocked_request("GET", "/"))).status == 412
