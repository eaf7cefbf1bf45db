"""The XML of Cloud Storage's XML API and of S3, as texts; and what a request says in XML."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

from gateway.sandbox.clock import rfc3339
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.listing import Asked, Page, token_of
from gateway.sandbox.storage.store import Stored

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
CODES = {
    400: "InvalidArgument",
    404: "NoSuchKey",
    409: "BucketNotEmpty",
    412: "PreconditionFailed",
    416: "InvalidRange",
    501: "NotImplemented",
    503: "ServiceUnavailable",
}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def text(value: object) -> str:
    """Return a text of XML; what XML 1.0 cannot hold is refused, since the name would be another one."""
    written = str(value)
    if CONTROL.search(written):
        raise ReasonedError(400, "a name has characters that XML cannot tell; ask with encoding-type=url")
    return escape(written)


def error_body(code: str, message: str) -> str:
    """Return an error."""
    return f"{HEAD}<Error><Code>{code}</Code><Message>{text(message)}</Message></Error>"


def listing(bucket: str, asked: Asked, page: Page, found: Sequence[Stored], query: Mapping[str, str]) -> str:
    """Return a page of a listing, in version 1 or 2."""
    is_url = query.get("encoding-type") == "url"

    def name(value: str) -> str:
        return quote(value) if is_url else text(value)

    told = [
        ("Name", bucket),
        ("Prefix", name(asked.prefix)),
        *([("Delimiter", name(asked.delimiter))] if asked.delimiter else []),
        ("MaxKeys", asked.most),
        ("IsTruncated", "false" if page.next_after is None else "true"),
        *([("EncodingType", "url")] if is_url else []),
    ]
    if query.get("list-type") == "2":
        told.append(("KeyCount", page.size))
        if page.next_after is not None:
            told.append(("NextContinuationToken", token_of(page.next_after)))
    elif page.next_after is not None:
        told.append(("NextMarker", name(page.next_after)))
    rows = "".join(f"<{tag}>{value}</{tag}>" for tag, value in told)
    objects = "".join(
        f"<Contents><Key>{name(each.file.key)}</Key><LastModified>{moment(each)}</LastModified>"
        f'<ETag>"{each.etag}"</ETag><Size>{each.file.size}</Size><StorageClass>STANDARD</StorageClass>'
        f"<Generation>{each.file.generation}</Generation></Contents>"
        for each in found
    )
    prefixes = "".join(f"<CommonPrefixes><Prefix>{name(each)}</Prefix></CommonPrefixes>" for each in page.prefixes)
    return f"{HEAD}<ListBucketResult {SPACE}>{rows}{objects}{prefixes}</ListBucketResult>"


def moment(found: Stored) -> str:
    """Return when an object was changed."""
    return rfc3339(datetime.fromtimestamp(found.file.generation / 1e6, UTC))[:-4] + "Z"


def simple(root: str, fields: Iterable[tuple[str, object]]) -> str:
    """Return an element with elements of texts."""
    return f"{HEAD}<{root} {SPACE}>" + "".join(f"<{tag}>{text(value)}</{tag}>" for tag, value in fields) + f"</{root}>"


def read_xml(octets: bytes) -> Element:
    """Return the XML of a request; raises a 400. A document type is refused, so nothing can be expanded."""
    if b"<!DOCTYPE" in octets.upper():
        raise ReasonedError(400, "the body must have no document type", "MalformedXML")
    try:
        return fromstring(octets)  # noqa: S314  without a document type there are no entities to expand
    except (ParseError, ValueError):
        raise ReasonedError(400, "the body is not XML", "MalformedXML") from None


def children(element: Element, tag: str) -> list[Element]:
    """Return the elements with a name, in whatever namespace."""
    return [each for each in element if isinstance(each.tag, str) and each.tag.rpartition("}")[2] == tag]


def text_of(element: Element, tag: str) -> str:
    """Return the text of the first element with a name; empty without one."""
    found = children(element, tag)
    return (found[0].text or "") if found else ""
