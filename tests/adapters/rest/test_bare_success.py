"""What a success without an HL7 acknowledgement may look like."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.bare_success import is_bare_success

ACK = b"MSH|^~\\&|S|A|P|B|20240501||ACK^A01^ACK|1|P|2.5\rMSA|AE|42\r"

BODIES: dict[str, tuple[bytes, bool]] = {
    "nothing": (b"", True),
    "white space": (b" \r\n", True),
    "a byte order mark": (b"\xef\xbb\xbf", True),
    "a word": (b"OK", True),
    "a quoted word": (b'"Accepted."', True),
    "an object": (b"{}", True),
    "an identifier": (b'{"id": "7a1c", "topic": "full-elr"}', True),
    "no errors": (b'{"errorCount": 0, "errors": [], "error": null, "success": true}', True),
    "an empty array inside": (b'{"warnings": [], "details": {"fault": ""}}', True),
    "an error": (b'{"error": "no database"}', False),
    "an error inside": (b'{"result": [{"errors": [{"code": 1}]}]}', False),
    "a count of errors": (b'{"errorCount": 1}', False),
    "a state": (b'{"status": "REJECTED"}', False),
    "a status": (b'{"status": 500}', False),
    "no success": (b'{"success": false}', False),
    "an OperationOutcome": (b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}', False),
    "a NACK in it": (b'{"ack": "MSH|^~|S\\rMSA|AE|42\\r"}', False),
    "a NACK in base64": (b'{"ack": "' + b64encode(ACK) + b'"}', False),
    "a NACK as an object": (b'{"xml": "<MSA><MSA.1>AE</MSA.1></MSA>"}', False),
    "a text": (b"no database", False),
    "a quoted text": (b'"no database"', False),
    "a list": (b"[]", False),
    "a number": (b"1", False),
    "null": (b"null", False),
    "a page": (b"<html></html>", False),
    "XML": (b"<ok/>", False),
    "MSA alone": (b"MSA|AE|42", False),
    "HL7 in UTF-16": (ACK.decode().encode("utf-16"), False),
    "HL7 in base64": (b64encode(ACK), False),
    "half an object": (b'{"id": ', False),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_body(body: bytes, expected: bool) -> None:
    """Nothing, a word that means yes, and an object without an error are taken for a success."""
    assert expected == is_bare_success(body)


@given(st.binary())
def test_never_raises(body: bytes) -> None:
    """Any octets are one or none."""
    is_bare_success(body)
