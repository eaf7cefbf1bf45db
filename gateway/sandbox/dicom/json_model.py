"""Helpers for DICOM JSON (PS3.18 F)."""

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
    """Return the tag of a keyword of the DICOM dictionary."""
    return f"{tag_for_keyword(keyword):08X}"


def element(vr: str, *values: object) -> dict[str, Any]:
    """Return an element with the *values* that are not None; without any it is empty."""
    present = [value for value in values if value is not None]
    return {"vr": vr, "Value": present} if present else {"vr": vr}


def require_json(request: web.Request) -> None:
    """Raise 406 if a request does not accept DICOM JSON, the only format of these replies."""
    if not any(media_type.name in ACCEPTABLE for media_type in parse_accept(request.headers.get("Accept", ""))):
        raise ApiError(406, "only application/dicom+json is available here")


def json_response(body: Attributes | list[Attributes], status: int = 200) -> web.Response:
    """Return *body* as a reply, in octets, so that aiohttp adds no charset: the media type has no such parameter."""
    return web.Response(status=status, body=json.dumps(body).encode(), content_type=MEDIA_TYPE)
