"""The data set in the response to a Store transaction, in whatever clothes a store puts it.

It should be DICOM JSON or, from older stores, the Native DICOM Model in XML (PS3.18 10.5.3). Stores name it as they
like, begin it with a byte order mark, wrap it in a multipart body, or write JSON in Latin-1.
"""

import re

from adapters.rest import dicom_json
from adapters.rest.native_model import read_native_model
from adapters.rest.reply import MOST_OCTETS, Reply, read_json

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MEDIA_TYPES = {"application/dicom+json", "application/dicom+xml"}


def read_body(reply: Reply) -> object:
    """Return the JSON value in *reply*, XML turned into one, or None; it is not looked at where it is long.

    Never raises.
    """
    if len(reply.body) > MOST_OCTETS:
        return None
    _, body = _unwrap(reply)
    # Not by Content-Type: stores that answer in XML unasked also name it as they like.
    if body.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return read_native_model(body)
    try:
        body.decode()
    except UnicodeDecodeError:
        value = read_json(body)  # it may be UTF-16
        return value if value is not None else read_json(body.decode("latin-1").encode(), 2 * MOST_OCTETS)
    return read_json(body)


def is_empty(reply: Reply) -> bool:
    """Whether *reply* says nothing at all."""
    return not reply.body.strip()


def is_data_set(reply: Reply, value: object) -> bool:
    """Whether *value*, read from *reply*, is one DICOM data set by its media type and by its content."""
    media_type, _ = _unwrap(reply)
    return media_type in MEDIA_TYPES and dicom_json.is_data_set(value)


def media_type_of(content_type: str) -> str:
    """Return the type in a Content-Type field, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def _unwrap(reply: Reply) -> tuple[str, bytes]:
    """Return the media type and the octets, of the first part where there are parts (RFC 2046 5.1.1)."""
    media_type, body = media_type_of(reply.headers.get("Content-Type", "")), reply.body
    if media_type.startswith("multipart/"):
        _, _, part = body.lstrip().partition(b"\n")
        head, _, rest = part.replace(b"\r\n", b"\n").partition(b"\n\n")
        body = rest.partition(b"\n--")[0]
        field = re.search(rb"^content-type:([^\n]*)", head, re.IGNORECASE | re.MULTILINE)
        media_type = media_type_of(field[1].decode("latin-1")) if field else ""
    return media_type, body.lstrip().removeprefix(BYTE_ORDER_MARK).lstrip()
