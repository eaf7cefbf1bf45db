"""Reads the data set in the response to a Store transaction, in all forms that stores send.

It should be DICOM JSON or, from older stores, the Native DICOM Model in XML (PS3.18 10.5.3). Some stores give it any
Content-Type, begin it with a byte order mark, wrap it in a multipart body, write JSON in Latin-1, or XML in another
character set than it declares. So the octets decide how they are read; the Content-Type decides only whether the body
counts as a DICOM data set. Every part of a multipart body is read: a failure in the second part is a failure.
"""

import re

from adapters.rest.dicomweb import dicom_json
from adapters.rest.dicomweb.native_model import read_native_model
from adapters.rest.http.reply import MOST_OCTETS, Reply, read_json

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MEDIA_TYPES = {"application/dicom+json", "application/dicom+xml"}
XML_BEGINNINGS = b"<", b"\xff\xfe<", b"\xfe\xff\x00<"
MOST_PARTS = 1000
"""Most parts that are read; a request has at most as many instances."""
BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)
HEAD_OF_A_PART = re.compile(rb"((?:\r?\n[^\r\n]+)*)\r?\n\r?\n")
TYPE_OF_A_PART = re.compile(rb"^content-type:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def read_body(reply: Reply) -> object:
    """Return the JSON value in *reply*, or the XML turned into one, or None; a long body is not read.

    If several parts of a multipart body have a value, return them in a list. Never raises.
    """
    if len(reply.body) > MOST_OCTETS:
        return None
    read = (_read(octets) for _, octets in _parts(reply))
    found = [value for value in read if value is not None]
    return found[0] if len(found) == 1 else found or None


def is_empty(reply: Reply) -> bool:
    """Whether *reply* has no body."""
    return not reply.body.strip()


def is_data_set(reply: Reply, value: object) -> bool:
    """Whether *value*, read from *reply*, is one DICOM data set by its media type and by its content."""
    parts = _parts(reply)
    return len(parts) == 1 and parts[0][0] in MEDIA_TYPES and dicom_json.is_data_set(value)


def media_type_of(content_type: str) -> str:
    """Return the type in a Content-Type field, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def _read(octets: bytes) -> object:
    body = octets.lstrip().removeprefix(BYTE_ORDER_MARK).lstrip()
    # Content-Type is ignored here: stores that answer in XML unasked give it any type.
    if body.startswith(XML_BEGINNINGS):
        return read_native_model(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        value = read_json(body)  # it may be UTF-16
        return value if value is not None else read_json(body.decode("latin-1").encode(), 2 * MOST_OCTETS)
    return read_json(body)


def _parts(reply: Reply) -> list[tuple[str, bytes]]:
    """Return media type and octets of each part (RFC 2046 5.1.1), or of the body if there are no parts."""
    content_type = reply.headers.get("Content-Type", "")
    media_type, body = media_type_of(content_type), reply.body
    delimiter = _delimiter(body, content_type)
    if delimiter is None:
        return [("" if media_type.startswith("multipart/") else media_type, body)]
    inside = body.partition(delimiter)[2].partition(b"\n" + delimiter + b"--")[0]
    return [_part(each) for each in inside.split(b"\n" + delimiter, MOST_PARTS)[:MOST_PARTS]]


def _delimiter(body: bytes, content_type: str) -> bytes | None:
    """Return the delimiter of the parts: the one that Content-Type names, or the first line of the body."""
    named = BOUNDARY.search(content_type)
    if named and (delimiter := b"--" + (named[1] or named[2]).encode("latin-1", "replace")) in body:
        return delimiter
    first = body.lstrip().partition(b"\n")[0].rstrip()
    return first if first.startswith(b"--") else None


def _part(octets: bytes) -> tuple[str, bytes]:
    head = HEAD_OF_A_PART.match(octets)
    if head is None:
        return "", octets
    field = TYPE_OF_A_PART.search(head[1])
    return media_type_of(field[1].decode("latin-1")) if field else "", octets[head.end() :]
