"""Why the admin port refuses a request."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.admin.callers import Caller
from gateway.admin.refusing import FORM, form_refusal, role_refusal, stranger
from gateway.admin.roles import ALL, GRANTED

VIEWER = Caller(GRANTED["viewer_token_file"])
SESSION = Caller(ALL, csrf="c0ffee", in_session=True)
CERTIFICATE = Caller(ALL, "cn:ops", "c0ffee")
PROGRAM = Caller(ALL)
JSON = {"Content-Type": "application/json"}


def test_refusals() -> None:
    """A refusal says what to do; only one for lack of a token asks for one."""
    assert "Bearer" == stranger("send it").response().headers["WWW-Authenticate"]
    assert "WWW-Authenticate" not in FORM.response().headers


def test_role() -> None:
    """Who lacks a role is told which, and which they have; everybody may sign out."""
    refusal = role_refusal(make_mocked_request("POST", "/api/v1/spool/retry"), VIEWER)
    assert refusal is not None
    assert (403, True, True) == (refusal.status, "role operator" in refusal.text, "role viewer" in refusal.text)
    assert role_refusal(make_mocked_request("GET", "/"), VIEWER) is None
    assert role_refusal(make_mocked_request("POST", "/sign-out"), VIEWER) is None


FORMS: dict[str, tuple[Caller, str, Mapping[str, str], bool]] = {
    "a read": (SESSION, "GET", {}, True),
    "the token": (SESSION, "POST", {"X-CSRF-Token": "c0ffee"}, True),
    "another token": (SESSION, "POST", {"X-CSRF-Token": "c0ffeE"}, False),
    "an empty token": (SESSION, "POST", {"X-CSRF-Token": ""}, False),
    "no ASCII": (SESSION, "POST", {"X-CSRF-Token": "töken"}, False),
    "none": (SESSION, "POST", JSON, False),
    "plain text": (SESSION, "POST", {"Content-Type": "text/plain"}, False),
    "a certificate and JSON": (CERTIFICATE, "POST", JSON, True),
    "a certificate and plain text": (CERTIFICATE, "POST", {"Content-Type": "text/plain"}, False),
    "a program": (PROGRAM, "POST", {}, True),
}


@pytest.mark.parametrize("each", FORMS.values(), ids=FORMS)
async def test_forms(each: tuple[Caller, str, Mapping[str, str], bool]) -> None:
    """In a session nothing is done without the session's token; a program has no session."""
    caller, method, headers, is_allowed = each
    request: Any = make_mocked_request(method, "/actions/retry", headers=dict(headers))
    assert is_allowed == (await form_refusal(request, caller) is None)
