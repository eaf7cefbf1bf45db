"""Who asks the admin port."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.admin.callers import caller_of

CERTIFICATE = {"subject": ((("commonName", "ops"),),)}
CALLERS: dict[str, tuple[Mapping[str, str], Any, str]] = {
    "a token": ({"Authorization": "Bearer secret"}, None, "admin token at 192.0.2.1"),
    "a certificate": ({}, CERTIFICATE, "certificate cn:ops at 192.0.2.1"),
    "both": ({"Authorization": "Bearer secret"}, CERTIFICATE, "certificate cn:ops at 192.0.2.1"),
    "a certificate without a name": ({}, {"subject": ()}, "certificate at 192.0.2.1"),
    "a name of two lines": ({}, {"subject": ((("commonName", "a\nb"),),)}, "certificate at 192.0.2.1"),
    "neither": ({}, None, "nobody by name at 192.0.2.1"),
}


@pytest.mark.parametrize(("headers", "certificate", "expected"), CALLERS.values(), ids=CALLERS)
def test_callers(headers: Mapping[str, str], certificate: Any, expected: str) -> None:
    """The name in the certificate counts, then the token; the token itself is never told."""
    transport = Mock()
    transport.get_extra_info = {"peername": ("192.0.2.1", 1), "peercert": certificate}.get
    request: web.Request = make_mocked_request("GET", "/", headers=dict(headers), transport=transport)
    assert expected == caller_of(request)
