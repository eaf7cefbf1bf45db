"""Lists in pages, as Google's API gives them: ``pageSize``, ``pageToken``, ``nextPageToken``."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from gateway.sandbox.google_error import ApiError

LARGEST_PAGE, DEFAULT_PAGE = 1000, 100


def page_of(request: web.Request, key: str, found: Sequence[Any]) -> dict[str, Any]:
    """Return the page of *found* that a request asks for, below *key*; without any the reply is empty."""
    if request.query.get("filter"):
        raise ApiError(501, "the sandbox does not support filter")
    size, start = request.query.get("pageSize", "0"), request.query.get("pageToken") or "0"
    if not all(each.isascii() and each.isdecimal() and len(each) < 10 for each in (size, start)):
        raise ApiError(400, "pageSize or pageToken is not one that the sandbox gave")
    end = int(start) + min(int(size) or DEFAULT_PAGE, LARGEST_PAGE)
    page = list(found[int(start) : end])
    return {**({key: page} if page else {}), **({"nextPageToken": str(end)} if len(found) > end else {})}
