"""Documents in OBX-5 (ED, RP): their type, and their octets in Base64."""

import base64
import binascii
import re

from adapters.fhir.bundle import Json
from adapters.fhir.context import Context
from adapters.fhir.report import Reason
from adapters.fhir.systems import is_absolute

TYPES = {
    "PDF": "application/pdf",
    "JPEG": "image/jpeg",
    "JPG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "TIF": "image/tiff",
    "RTF": "text/rtf",
    "HTML": "text/html",
    "XML": "application/xml",
    "TXT": "text/plain",
    "PLAIN": "text/plain",
    "TEXT": "text/plain",
    "DICOM": "application/dicom",
    "OCTET-STREAM": "application/octet-stream",
}
_BEGINNINGS = {
    b"%PDF": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"{\\rtf": "text/rtf",
}
_MIME = re.compile(r"[a-z]+/[A-Za-z0-9.+-]+\Z", re.ASCII)


def attachment(kind: str, raw: str, context: Context) -> Json | None:
    """Return the document in an ED or an RP; None, and a line in the report, if it cannot be read."""
    parts = context.components(raw)
    parts += [""] * (5 - len(parts))
    made = _pointer(parts, context) if kind == "RP" else _data(parts, context)
    if made is None:
        context.leave(Reason.UNREADABLE, "1" if kind == "RP" else "5")
    return made


def _pointer(parts: list[str], context: Context) -> Json | None:
    text = [context.delimiters.text(each) for each in parts]
    if not is_absolute(text[0]):
        return {"title": text[0]} if text[0] else None
    return {"url": text[0], **_typed(_named(text[2], text[3]))}


def _data(parts: list[str], context: Context) -> Json | None:
    text = [context.delimiters.text(each) for each in parts[:4]]
    octets = _octets(text[3].upper(), parts[4], context)
    if not octets:
        return None
    kind = _named(text[1], text[2]) or _sniffed(octets)
    return {**_typed(kind), "data": base64.b64encode(octets).decode()}


def _octets(encoding: str, raw: str, context: Context) -> bytes:
    try:
        match encoding:
            case "BASE64" | "":
                return base64.b64decode("".join(context.delimiters.text(raw).split()), validate=True)
            case "HEX":
                return bytes.fromhex(context.delimiters.text(raw))
            case "A":
                return context.delimiters.text(raw).encode()
            case _:
                return b""
    except (binascii.Error, ValueError):
        return b""


def _named(kind: str, subtype: str) -> str:
    for each in (subtype, kind):
        if _MIME.match(each):
            return each
        if each.upper() in TYPES:
            return TYPES[each.upper()]
    return ""


def _sniffed(octets: bytes) -> str:
    return next((kind for start, kind in _BEGINNINGS.items() if octets.startswith(start)), "application/octet-stream")


def _typed(kind: str) -> Json:
    return {"contentType": kind} if kind else {}
