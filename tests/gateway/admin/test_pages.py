"""Detection of requests that foreign web pages make."""

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.admin.pages import is_followed_link, is_of_another_page

HOST = "localhost:8080"
ORIGINS = {
    "http://localhost:8080": False,
    "https://localhost:8080": False,  # a proxy speaks TLS for us
    "http://LOCALHOST:8080": False,
    "https://hilum.ward.example": False,
    "https://hilum.ward.example:8443": False,
    "http://localhost": True,
    "http://localhost:3000": True,
    "http://127.0.0.1:8080": True,
    "http://evil.example": True,
    "http://localhost:8080.evil.example": True,
    "http://localhost:8080@evil.example": True,
    "http://hilum.ward.example.evil.example": True,
    "null": True,
    "": True,
    "http://[::1": True,
    "localhost:8080": True,
}


@pytest.mark.parametrize(("origin", "expected"), ORIGINS.items(), ids=ORIGINS)
def test_origin(origin: str, expected: bool) -> None:
    """Our own origin is the address in Host, or a name in admin.hosts."""
    request = make_mocked_request("POST", "/", {"Host": HOST, "Origin": origin})
    assert expected == is_of_another_page(request, {"hilum.ward.example"})


def test_no_host() -> None:
    """A request with an Origin but without a Host is not from our own page."""
    assert is_of_another_page(make_mocked_request("GET", "/", {"Origin": "null"}), ())
    assert is_of_another_page(make_mocked_request("GET", "/", {"Origin": ""}), ())


SITES = {"none": False, "same-origin": False, "same-site": True, "cross-site": True, "": True, "what comes next": True}


@pytest.mark.parametrize(("site", "expected"), SITES.items(), ids=SITES)
def test_site(site: str, expected: bool) -> None:
    """A page of another application on this machine is same-site, but foreign."""
    request = make_mocked_request("GET", "/", {"Host": HOST, "Sec-Fetch-Site": site})
    assert expected == is_of_another_page(request, ())


def test_other_programs() -> None:
    """A request without these headers is not from a web page."""
    assert not is_of_another_page(make_mocked_request("POST", "/", {"Host": HOST}), ())


LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
LINKS = {
    "a link": ("GET", LINK, True),
    "a look at its size": ("HEAD", LINK, True),
    "a form": ("POST", LINK, False),
    "a frame": ("GET", {**LINK, "Sec-Fetch-Dest": "frame"}, False),
    "a script": ("GET", {**LINK, "Sec-Fetch-Mode": "cors"}, False),
    "what says its origin": ("GET", {**LINK, "Origin": "null"}, False),
    "nothing": ("GET", {}, False),
}


@pytest.mark.parametrize(("method", "headers", "expected"), LINKS.values(), ids=LINKS)
def test_link(method: str, headers: dict[str, str], expected: bool) -> None:
    """A followed link is a read by navigation, without an Origin."""
    assert expected == is_followed_link(make_mocked_request(method, "/", headers))
