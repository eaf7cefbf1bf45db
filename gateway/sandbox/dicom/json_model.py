"""DICOM JSON (PS3.18 F) as the handlers read and write it."""

import json
from typing import Any

from aiohttp import web
from pydicom.datadict import tag_for_keyword

from gateway.sandbox.dicom.media_type import parse_accept
from gateway.sandbox.google_error import ApiError

Attributes = dict[str, Any]
"""A data set: tags of eight hexadecimal digits to elements."""

MEDIA_TYPE = "application/dicom+json"
ACCEPTABLE = {MEDIA_TYPE, "application/json", "application/*", "*/*"}


def tag(keyword: str) -> str:
    """Return the tag of a keyword of the dictionary."""
    return f"{tag_for_keyword(keyword):08X}"


def element(vr: str, *values: object) -> dict[str, Any]:
    """Return an element; one without values is empty."""
    present = [value for value in values if value is not None]
    return {"vr": vr, "Value": present} if present else {"vr": vr}


def require_json(request: web.Request) -> None:
    """Refuse a request that does not accept DICOM JSON, the only form given here."""
    if not any(media_type.name in ACCEPTABLE for media_type in parse_accept(request.headers.get("Accept", ""))):
        raise ApiError(406, "only application/dicom+json is given here")


def json_response(body: Attributes | list[Attributes], status: int = 200) -> web.Response:
    """Return *body* as a reply; octets, because the media type has no charset parameter."""
    return web.Response(status=status, body=json.dumps(body).encode(), content_type=MEDIA_TYPE)
