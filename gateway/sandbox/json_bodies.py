"""JSON of requests and replies.

Strings in single quotes are taken too: Google's parser takes them, and the curl command of its lab writes them so.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from gateway.sandbox.google_error import ApiError

_PIECE = re.compile(r""""(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'|[^"']+""", re.DOTALL)
_ESCAPED_OR_QUOTE = re.compile(r'\\(.)|"', re.DOTALL)


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in a request; no body is an empty object."""
    octets = await request.read()
    try:
        body = parse(octets) if octets.strip() else {}
    except (ValueError, RecursionError):
        raise ApiError(400, "the request is not JSON") from None
    if not isinstance(body, dict):
        raise ApiError(400, "the request must be an object")
    return body


def reply_json(body: Mapping[str, object]) -> web.Response:
    """Return a reply of Google's API, in octets, so that aiohttp adds no charset."""
    return web.Response(body=json.dumps(body).encode(), content_type="application/json")


def parse(octets: bytes) -> Any:
    """Return the value of *octets*; raises ``ValueError`` if they are no JSON, not even with single quotes."""
    try:
        return json.loads(octets)
    except ValueError:
        return json.loads(_double_quoted(octets.decode()))


def object_in(body: Mapping[str, Any], field: str, known: set[str] | None = None) -> dict[str, Any]:
    """Return the object of a field, empty if it is absent; raises a 400 if it is none or has a key not in *known*."""
    found = body.get(field)
    if found is not None and not isinstance(found, dict):
        raise ApiError(400, f"{field} must be an object")
    for key in found or {}:
        if known is not None and key not in known:
            raise ApiError(400, f"{field} has a field that is not one of {', '.join(sorted(known))}")
    return found or {}


def check_keys(body: Mapping[str, Any], known: set[str]) -> None:
    """Raise a 400 if the request has a field that is not *known*."""
    if set(body) - known:
        raise ApiError(400, f"the request has a field that is not one of {', '.join(sorted(known))}")


def text_in(body: Mapping[str, Any], field: str, name: str) -> str:
    """Return the text ``field.name``; raises a 400 if it is absent."""
    part = body.get(field)
    value = part.get(name) if isinstance(part, dict) else None
    if not isinstance(value, str) or not value:
        raise ApiError(400, f"{field}.{name} is required")
    return value


def _double_quoted(text: str) -> str:
    pieces, end = [], 0
    for piece in _PIECE.finditer(text):
        if piece.start() != end:
            break
        end = piece.end()
        pieces.append(piece[0] if piece[1] is None else f'"{_ESCAPED_OR_QUOTE.sub(_escaped, piece[1])}"')
    if end != len(text):
        raise ValueError("a string has no end")
    return "".join(pieces)


def _escaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return '\\"'
    return "'" if found[1] == "'" else found[0]
