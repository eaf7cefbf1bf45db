"""The forms of a success without an HL7 acknowledgement."""

import json
import re
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.verdict.bare_success import (
    ACKNOWLEDGEMENTS,
    AROUND,
    CODES,
    CONTAINERS,
    FLAGS,
    IDENTIFIERS,
    TEXTS,
    TIMES,
    TOPICS,
    TROUBLES,
    YES,
    is_bare_success,
)

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
    "a status of success": (b'{"status": 200, "statusCode": "201", "code": "OK", "http_status": 202}', True),
    "a sentence": (b'{"message": "The message was received and stored successfully."}', True),
    "an acknowledgement code": (b'{"ack": "AA", "Acknowledgement-Code": "CA"}', True),
    "an identifier and a time": (b'{"messageId": 17, "timestamp": "2026-11-28T14:05:00Z", "uuid": "a-1"}', True),
    "a word in another case": (b'{"Status": "Success", "isSuccess": true, "message": ""}', True),
    "no error, in one word": (b'{"error": false, "data": {"id": "1"}}', True),
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
    "deeper than can be read": (b'{"data":' * 100_000, False),
}

NAMES = FLAGS | CODES | ACKNOWLEDGEMENTS | TEXTS | IDENTIFIERS | TIMES | TOPICS | TROUBLES | CONTAINERS

NO_SUCCESSES = """
{"status": "500"}
{"statusCode": "503", "message": "Service Unavailable"}
{"status": -1}
{"status": 0}
{"status": 2000}
{"status": 404.0}
{"status": null}
{"status": "KO"}
{"status": "NACK"}
{"status": "denied"}
{"status": "not accepted"}
{"status": ["ok", "failed"]}
{"state": {"name": "failed"}}
{"code": "E1001"}
{"success": "False"}
{"success": 0}
{"success": 1}
{"Success": false}
{"isSuccess": false}
{"is_success": false}
{"success": false, "success": true}
{"accepted": "NO"}
{"accepted": []}
{"stored": false}
{"processed": false}
{"acknowledged": false}
{"result": false}
{"result": null}
{"result": {}}
{"result": "AE"}
{"ResultCode": -1}
{"ack": "AE"}
{"ack": "AR"}
{"ack": "CE"}
{"ack": false}
{"acknowledgementCode": "AR"}
{"MSA": {"MSA.1": "AR"}}
{"MSA-1": "AA"}
{"data": {"ack": "CR"}}
{"data": {"id": "1", "stored": false}}
{"data": [{"id": "1"}]}
{"messagesStored": 0}
{"message": "Unauthorized"}
{"message": "queue full, try later"}
{"message": "message was not stored"}
{"message": "accepted: false"}
{"message": "the message"}
{"message": {"text": "no database"}}
{"login": "https://portal"}
{"id": "error-1"}
{"id": "AE"}
{"id": -1}
{"id": null}
{"id": false}
{"id": ["1"]}
{"id": "1", "note": "ok"}
{"timestamp": "never"}
{"topic": "rejected"}
{"topic": "login page"}
{"noError": false}
{"errors": {"count": 0}}
{"error": true}
{"failed": true}
{"rejected": 1}
{"resourceType": "OperationOutcome", "text": "not processed"}
{"": "ok"}
"""


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_body(body: bytes, expected: bool) -> None:
    """Nothing, a word that means yes, and an object that tells of nothing but a success are taken for one."""
    assert expected == is_bare_success(body)


@pytest.mark.parametrize("body", NO_SUCCESSES.split("\n")[1:-1])
def test_failure_or_something_unknown(body: str) -> None:
    """A failure has many forms: anything that is not known to belong to a success makes the body no success."""
    assert not is_bare_success(body.encode())


@given(st.text().filter(lambda name: re.sub("[_-]", "", name).lower() not in NAMES), st.booleans())
def test_unknown_name(name: str, value: bool) -> None:
    """No value of a name that is not in the lists makes a success."""
    assert not is_bare_success(json.dumps({"id": "1", name: value}).encode())


@given(st.sampled_from(sorted(FLAGS | CODES | ACKNOWLEDGEMENTS | TEXTS)), st.text(min_size=1))
def test_unknown_value(name: str, value: str) -> None:
    """A text means success only if it consists of words that mean success."""
    words = set(re.split(r"[\s.,;:!]+", value.lower())) - {""}
    is_success = is_bare_success(json.dumps({name: value}).encode())
    assert not is_success or not value.strip() or words <= YES | AROUND or re.fullmatch(r"2\d\d", value.strip())


@given(st.binary())
def test_never_raises(body: bytes) -> None:
    """Any octets are a success or not, without an error."""
    is_bare_success(body)
