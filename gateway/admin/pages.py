"""Whether a request to the admin port was made by a web page of somebody else, in the browser of an operator.

Such a page cannot read what it is answered, but it could have something done, and a browser may hold a client
certificate. A browser says by itself who asks, and no page can change that: ``Origin`` (RFC 6454) with every request
that does more than ask, and ``Sec-Fetch-Site`` (W3C Fetch Metadata) with all. Other programs send neither.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import web

OUR_OWN = ("same-origin", "none")
"""What ``Sec-Fetch-Site`` says of our own pages, and of an address that somebody has typed or kept."""
READS = ("GET", "HEAD")


def is_of_another_page(request: web.Request, names: Collection[str]) -> bool:
    """Whether a page of another origin made *request*; *names* are those under which a proxy offers this port."""
    host = request.headers.get("Host", "")
    if any(not _is_ours(each, host, names) for each in request.headers.getall("Origin", [])):
        return True
    return any(each not in OUR_OWN for each in request.headers.getall("Sec-Fetch-Site", []))


def is_followed_link(request: web.Request) -> bool:
    """Whether somebody is taken to this port by a link: they see the answer, and the page with the link does not."""
    headers = request.headers
    to_a_window = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
    return to_a_window and request.method in READS and "Origin" not in headers


def _is_ours(origin: str, host: str, names: Collection[str]) -> bool:
    """Whether *origin* is the address that was asked. The scheme may differ: a proxy may speak TLS for us."""
    try:
        parts = urlsplit(origin)
        name = parts.hostname
    except ValueError:
        return False
    return bool(parts.netloc) and (parts.netloc.lower() == host.lower() or name in names)
