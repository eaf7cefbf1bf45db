"""Detects requests that a foreign web page makes in the browser of an operator (cross-site request forgery).

Such a page cannot read the response, but its request could change something, and the browser may send a client
certificate. The browser names the origin in headers that no page can change: ``Origin`` (RFC 6454) with every request
that is not only a read, and ``Sec-Fetch-Site`` (W3C Fetch Metadata) with all. Other programs send neither header.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import web

OUR_OWN = ("same-origin", "none")
"""Values of ``Sec-Fetch-Site`` for our own pages, and for an address that was typed or bookmarked."""
READS = ("GET", "HEAD")


def is_of_another_page(request: web.Request, names: Collection[str]) -> bool:
    """Whether a page of another origin made *request*; *names* are the host names of proxies for this port."""
    host = request.headers.get("Host", "")
    if any(not _is_ours(each, host, names) for each in request.headers.getall("Origin", [])):
        return True
    return any(each not in OUR_OWN for each in request.headers.getall("Sec-Fetch-Site", []))


def is_followed_link(request: web.Request) -> bool:
    """Whether a person followed a link to this port: that person sees the response, the page with the link does not."""
    headers = request.headers
    to_a_window = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
    return to_a_window and request.method in READS and "Origin" not in headers


def wants_page(request: web.Request) -> bool:
    """Whether a person in a browser asks for a page, and not a program for data."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


def _is_ours(origin: str, host: str, names: Collection[str]) -> bool:
    """Whether *origin* is the address of this port. The scheme may differ, because a proxy may terminate TLS."""
    try:
        parts = urlsplit(origin)
        name = parts.hostname
    except ValueError:
        return False
    return bool(parts.netloc) and (parts.netloc.lower() == host.lower() or name in names)
