"""Which header fields the configuration may add to the requests to a store (RFC 9110 5.1, 5.5)."""

import re

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"[!-~](?:[ \t!-~]*[!-~])?")

FRAMING = "is set by Hilum, because it says where a request ends or where it goes; remove it"
FORBIDDEN = {
    **dict.fromkeys(("host", "content-length", "transfer-encoding", "connection", "keep-alive"), FRAMING),
    **dict.fromkeys(("te", "trailer", "upgrade", "expect", "content-encoding"), FRAMING),
    **dict.fromkeys(
        ("accept", "accept-encoding", "range"), "is set by Hilum, because it says what is requested; remove it"
    ),
    **dict.fromkeys(
        ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range"),
        "makes a request depend on what the store holds; remove it",
    ),
    **dict.fromkeys(
        ("proxy-authorization", "proxy-connection", "proxy-authenticate"), "is for a proxy; use the key proxy"
    ),
    "content-type": "is set by the kind of the destination; of kind http use the key content_type",
    "x-goog-api-format-version": "is set by the kind of the destination; remove it",
}
SECRET = {"authorization", "cookie"}
"""Header fields whose values are always secrets."""


def check_name(name: str) -> str:
    """Return the *name* of a field, or raise ValueError if the configuration must not set it."""
    if not TOKEN.fullmatch(name):
        raise ValueError("must be the name of an HTTP header: letters, digits and hyphens, without a colon")
    if (reason := FORBIDDEN.get(name.lower())) is not None:
        raise ValueError(reason)
    return name


def check_plain_name(name: str) -> str:
    """Return the *name* of a field whose value is in the configuration itself, or raise ValueError."""
    if name.lower() in SECRET:
        raise ValueError("has a secret for its value; name a file that holds it in header_files, or use credentials")
    return check_name(name)


def check_value(value: str) -> str:
    """Return the *value* of a field, or raise ValueError, which does not repeat it."""
    if not VALUE.fullmatch(value):
        raise ValueError("must be printable ASCII on one line, not empty, without spaces at its ends")
    return value


def sendable(text: str) -> str | None:
    """Return *text* from a file if it can be the value of a header field, else None."""
    return text if VALUE.fullmatch(text) else None
