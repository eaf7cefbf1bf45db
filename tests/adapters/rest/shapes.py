"""The shapes of a 2xx that stores, failing stores and proxies have been seen to send for a STOW-RS request.

Each row is a status, a Content-Type, a body and what it is evidence of where the store does not say what it holds. The
request has the instance OWN, alone or beside OTHER.
"""

import json
from enum import Enum, auto

OWN, OTHER, FOREIGN = "1.2.3", "1.2.4", "1.9"
JSON, XML, HTML = "application/dicom+json", "application/dicom+xml", "text/html"


class Evidence(Enum):
    """What a reply says about OWN."""

    STORED = auto()
    """The store names it as stored."""
    FAILED = auto()
    """The store names it as failed, or a failure that is nobody else's."""
    KNOWN = auto()
    """Enough for a store that is known to answer so."""
    NONE = auto()
    """Enough for nobody."""


def item(uid: str | None, **attributes: object) -> dict[str, object]:
    """Return an item of a response; keyword ``_00081197=272`` is an attribute."""
    named = {} if uid is None else {"00081155": {"vr": "UI", "Value": [uid]}}
    return named | {tag[1:]: {"vr": "US", "Value": [value]} for tag, value in attributes.items()}


def sequence(tag: str, *items: object) -> dict[str, object]:
    """Return a response with one sequence."""
    return {tag: {"vr": "SQ", "Value": list(items)}}


def accepted(*items: object) -> dict[str, object]:
    """Return a response with a ReferencedSOPSequence."""
    return sequence("00081199", *items)


def failed(*items: object) -> dict[str, object]:
    """Return a response with a FailedSOPSequence."""
    return sequence("00081198", *items)


def others(*items: object) -> dict[str, object]:
    """Return a response with an OtherFailuresSequence."""
    return sequence("0008119A", *items)


def octets(value: object) -> bytes:
    """Return *value* in JSON."""
    return json.dumps(value).encode()


def xml(tag: str, uid: str | None, prefix: str = "", reason: int | None = None) -> bytes:
    """Return a response in XML with one item in the sequence *tag*; one with the failed has a reason in any case."""
    reason = 272 if tag == "00081198" else reason
    p, name = (f"{prefix}:" if prefix else ""), f' xmlns:{prefix}="http://dicom.nema.org/PS3.19/models/NativeDICOM"'
    named = f'<{p}DicomAttribute tag="00081155" vr="UI"><{p}Value number="1">{uid}</{p}Value></{p}DicomAttribute>'
    failure = f'<{p}DicomAttribute tag="00081197" vr="US"><{p}Value number="1">{reason}</{p}Value></{p}DicomAttribute>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{p}NativeDicomModel{name if prefix else ""}>'
        f'<{p}DicomAttribute tag="{tag}" vr="SQ"><{p}Item number="1">{named if uid else ""}'
        f"{'' if reason is None else failure}</{p}Item></{p}DicomAttribute></{p}NativeDicomModel>"
    ).encode()


def multipart(content_type: str, body: bytes) -> bytes:
    """Return *body* as the only part of a multipart body."""
    return b"--b\r\nContent-Type: " + content_type.encode() + b"\r\n\r\n" + body + b"\r\n--b--\r\n"


def parts(*each: tuple[str, bytes]) -> bytes:
    """Return several parts of a multipart body."""
    return b"".join(multipart(*part).removesuffix(b"--b--\r\n") for part in each) + b"--b--\r\n"


MARK = b"\xef\xbb\xbf"
RELATED = f'multipart/related; type="{JSON}"; boundary=b'
REASON = {"_00081197": 272}
STORED, FAILED, KNOWN, NONE = Evidence
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome</body></html>"

SHAPES: dict[str, tuple[int, str, bytes, Evidence]] = {
    # named as stored
    "stored": (200, JSON, octets(accepted(item(OWN))), STORED),
    "stored, in an array": (200, JSON, octets([accepted(item(OWN))]), STORED),
    "stored, with another Content-Type": (200, "application/json", octets(accepted(item(OWN))), STORED),
    "stored, without a Content-Type": (200, "", octets(accepted(item(OWN))), STORED),
    "stored, and a failure without a name": (200, JSON, octets(accepted(item(OWN)) | failed(item(None))), STORED),
    "stored, after a byte order mark": (200, JSON, b"\xef\xbb\xbf" + octets(accepted(item(OWN))), STORED),
    "stored, in Latin-1": (
        200,
        JSON,
        octets(accepted(item(OWN)) | {"00081190": {"vr": "UR", "Value": ["X"]}}).replace(b"X", b"\xe9"),
        STORED,
    ),
    "stored, in a multipart": (200, RELATED, multipart(JSON, octets(accepted(item(OWN)))), STORED),
    "stored, XML": (200, XML, xml("00081199", OWN), STORED),
    "stored, XML with a prefix": (200, XML, xml("00081199", OWN, "dcm"), STORED),
    "stored, XML after a byte order mark": (200, XML, b"\xef\xbb\xbf" + xml("00081199", OWN), STORED),
    "stored, with a failure reason of zero": (200, JSON, octets(accepted(item(OWN, _00081197=0))), STORED),
    "stored, with an empty failure reason": (
        200,
        JSON,
        octets(accepted(item(OWN) | {"00081197": {"vr": "US"}})),
        STORED,
    ),
    "stored, its UID without an array": (200, JSON, octets(accepted({"00081155": {"vr": "UI", "Value": OWN}})), STORED),
    "stored, its UID padded": (200, JSON, octets(accepted(item(f"{OWN}\0"))), STORED),
    "stored, after a byte order mark in a part": (
        200,
        RELATED,
        multipart(JSON, MARK + octets(accepted(item(OWN)))),
        STORED,
    ),
    "stored, XML with a prefix in a part": (200, RELATED, multipart(XML, MARK + xml("00081199", OWN, "d")), STORED),
    "stored, in Latin-1 in a part": (
        200,
        RELATED,
        multipart(JSON, octets(accepted(item(OWN))).replace(b"{", b'{"x":"\xe9",', 1)),
        STORED,
    ),
    "stored, behind a preamble": (
        200,
        RELATED,
        b"Two parts:\r\n" + multipart(JSON, octets(accepted(item(OWN)))),
        STORED,
    ),
    "stored, in a part without a head": (200, RELATED, b"--b\r\n\r\n" + octets(accepted(item(OWN))), STORED),
    "stored, in the second part": (
        200,
        RELATED,
        parts(("text/plain", b"hello"), (JSON, octets(accepted(item(OWN))))),
        STORED,
    ),
    "stored, called multipart but in no part": (200, RELATED, octets(accepted(item(OWN))), STORED),
    "stored, in a part but called JSON": (200, JSON, multipart(JSON, octets(accepted(item(OWN)))), STORED),
    "stored, XML in UTF-16 that says it is UTF-8": (200, XML, xml("00081199", OWN).decode().encode("utf-16"), STORED),
    "stored, XML in Latin-1 that does not say so": (
        200,
        XML,
        xml("00081199", OWN).replace(b"<Item", b'<Item x="\xe9"'),
        STORED,
    ),
    "stored, XML with line ends in its values": (
        200,
        XML,
        xml("00081199", OWN).replace(OWN.encode(), b"\r\n  " + OWN.encode() + b"\r\n"),
        STORED,
    ),
    # failed
    "failed, in the second part": (
        200,
        RELATED,
        parts(("text/plain", b"hello"), (JSON, octets(failed(item(OWN, **REASON))))),
        FAILED,
    ),
    "failed, behind a part about another": (
        200,
        RELATED,
        parts((JSON, octets(accepted(item(FOREIGN)))), (JSON, octets(failed(item(OWN, **REASON))))),
        FAILED,
    ),
    "failed, behind a part that says it is stored": (
        200,
        RELATED,
        parts((JSON, octets(accepted(item(OWN)))), (XML, xml("00081198", OWN))),
        FAILED,
    ),
    "failed, in a part but called JSON": (200, JSON, multipart(JSON, octets(failed(item(None)))), FAILED),
    "failed, in the wrong sequence, its reason without an array": (
        200,
        JSON,
        octets(accepted(item(OWN) | {"00081197": {"vr": "US", "Value": 272}})),
        FAILED,
    ),
    "failed, XML in Latin-1 that does not say so": (
        200,
        XML,
        xml("00081198", OWN).replace(b"<Item", b'<Item x="\xe9"'),
        FAILED,
    ),
    "failed": (200, JSON, octets(failed(item(OWN, **REASON))), FAILED),
    "failed and stored": (200, JSON, octets(failed(item(OWN, **REASON)) | accepted(item(OWN))), FAILED),
    "a failure without a name (Static-DICOMWeb)": (200, JSON, octets(failed(item(None, **REASON))), FAILED),
    "a failure without anything": (200, JSON, octets(failed({})), FAILED),
    "a failure that is no object": (200, JSON, octets(failed(None)), FAILED),
    "a failure that is not in an array": (200, JSON, octets({"00081198": {"vr": "SQ", "Value": item(OWN)}}), FAILED),
    "a failure of an instance that was not sent": (200, JSON, octets(failed(item(FOREIGN, **REASON))), FAILED),
    "a failure without a name, another stored": (
        200,
        JSON,
        octets(failed(item(None)) | accepted(item(FOREIGN))),
        FAILED,
    ),
    "another failure": (200, JSON, octets(others(item(None, **REASON))), FAILED),
    "another failure without a reason": (200, JSON, octets(others({})), FAILED),
    "another failure, with 202": (202, JSON, octets(others(item(None, **REASON))), FAILED),
    "failed, in the wrong sequence": (200, JSON, octets(accepted(item(OWN, **REASON))), FAILED),
    "failed, in the wrong sequence, without a name": (200, JSON, octets(accepted(item(None, **REASON))), FAILED),
    "failed, in the wrong sequence, another": (200, JSON, octets(accepted(item(FOREIGN, **REASON))), FAILED),
    "failed, in the wrong sequence, unreadable": (200, JSON, octets(accepted(item(OWN, _00081197="no"))), FAILED),
    "failed, in the wrong sequence, after stored": (
        200,
        JSON,
        octets(accepted(item(OWN), item(OWN, **REASON))),
        FAILED,
    ),
    "failed, in the wrong sequence, XML": (200, XML, xml("00081199", OWN, reason=272), FAILED),
    "failed, in an array": (200, JSON, octets([failed(item(None, **REASON))]), FAILED),
    "failed, in Latin-1": (200, JSON, octets(failed(item(OWN))).replace(b"{", b'{"x":"\xe9",', 1), FAILED),
    "failed, in a multipart": (200, RELATED, multipart(JSON, octets(failed(item(None)))), FAILED),
    "failed, XML": (200, XML, xml("00081198", None), FAILED),
    "failed, XML with a prefix": (200, XML, xml("00081198", OWN, "dcm"), FAILED),
    "failed, XML after a byte order mark": (200, XML, b"\xef\xbb\xbf" + xml("00081198", OWN), FAILED),
    # a success that names nobody
    "nothing": (200, "", b"", KNOWN),
    "white space": (200, "text/plain", b"\r\n", KNOWN),
    "an empty data set": (200, JSON, b"{}", KNOWN),
    "an address": (200, JSON, octets({"00081190": {"vr": "UR", "Value": ["http://store"]}}), KNOWN),
    "empty sequences": (200, JSON, octets(failed() | accepted()), KNOWN),
    "a stored instance without a name": (200, JSON, octets(accepted(item(None))), KNOWN),
    "an empty data set, XML": (200, XML, b"<NativeDicomModel/>", KNOWN),
    "an empty data set, with a parameter": (200, f"{JSON}; charset=utf-8", b"{}", KNOWN),
    "an empty data set, in a part": (200, RELATED, multipart(JSON, b"{}"), KNOWN),
    # no evidence
    "only two others stored": (200, JSON, octets(accepted(item(FOREIGN), item("1.9.1"))), NONE),
    "a list": (200, JSON, b"[]", NONE),
    "an error": (200, "application/json", b'{"error": {"code": 500, "message": "no database"}}', NONE),
    "an error that says it is DICOM": (200, JSON, b'{"error": "no database"}', NONE),
    "an object": (200, "application/json", b"{}", NONE),
    "names instead of tags": (200, JSON, octets({"FailedSOPSequence": [{"FailureReason": 272}]}), NONE),
    "tags in lower case": (200, JSON, octets({"0008119a": {"vr": "SQ", "Value": [{}]}}), NONE),
    "an attribute that is no object": (200, JSON, octets({"00081198": [item(OWN)]}), NONE),
    "null": (200, JSON, b"null", NONE),
    "an empty data set beside a text": (200, RELATED, parts(("text/plain", b"no database"), (JSON, b"{}")), NONE),
    "parts without a data set": (200, RELATED, parts(("text/plain", b"OK"), (HTML, PAGE)), NONE),
    "delimiters only": (200, RELATED, b"--b\r\n" * 9, NONE),
    "a page": (200, HTML, PAGE, NONE),
    "a page that says it is XML": (200, XML, PAGE, NONE),
    "plain text": (200, "text/plain", b"OK", NONE),
    "half a data set": (200, JSON, octets(accepted(item(OWN)))[:-3], NONE),
    "202 and nothing": (202, "", b"", NONE),
    "204": (204, "", b"", NONE),
    "202 and a page": (202, HTML, PAGE, NONE),
}
