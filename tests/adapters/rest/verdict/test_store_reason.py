"""The store's reason is found in every form of body."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.http.reply import Reply
from adapters.rest.verdict.store_reason import MAX_READ, comment_of, failure_words, said, words_of

GOOGLE = {"error": {"code": 400, "message": "invalid DICOM file: DOE^JOHN", "status": "INVALID_ARGUMENT"}}
ORTHANC = {
    "Details": "Cannot parse an invalid DICOM file (size: 12 bytes)",
    "HttpError": "Bad Request",
    "HttpStatus": 400,
    "Message": "Bad file format",
    "Method": "POST",
    "OrthancError": "Bad file format",
    "OrthancStatus": 15,
    "Uri": "/instances",
}
OPERATION_OUTCOME = {
    "resourceType": "OperationOutcome",
    "text": {"status": "generated", "div": "<div>DOE^JOHN</div>"},
    "issue": [{"severity": "error", "code": "required", "diagnostics": "PID-3 is missing for DOE^JOHN"}],
}
PROBLEM = {"type": "about:blank", "title": "Quota exceeded", "detail": "Your disk is full", "status": 507}
DICOM = {
    "00081198": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [43264]}}]},
    "00000902": {"vr": "LO", "Value": ["PatientID 889911 is invalid"]},
}
XML = (
    b'<NativeDicomModel><DicomAttribute tag="00081198" vr="SQ"><Item number="1"><DicomAttribute tag="00081197" vr="US">'
    b'<Value number="1">49152</Value></DicomAttribute></Item></DicomAttribute></NativeDicomModel>'
)

BODIES: dict[str, tuple[bytes | object, str]] = {
    "Google": (GOOGLE, "INVALID_ARGUMENT, invalid DICOM file ..."),
    "Google, in an array": ([GOOGLE], "INVALID_ARGUMENT, invalid DICOM file ..."),
    "Orthanc": (ORTHANC, "cannot parse an invalid DICOM file ..., bad file format"),
    "FHIR": (OPERATION_OUTCOME, "required, PID-3 is missing ..."),
    "a problem (RFC 9457)": (PROBLEM, "quota exceeded, your disk is full"),
    "OAuth 2": (
        {"error": "invalid_token", "error_description": "The token expired"},
        "invalid_token, the token expired",
    ),
    "DICOM JSON": (DICOM, "PatientID ... is invalid (A900 data set does not match SOP class)"),
    "DICOM XML": (XML, "C000 cannot understand"),
    "plain text": (b"database is locked", "database is locked"),
    "plain text with a value": (b"duplicate key value (889911)", "duplicate key value ..."),
    "a page": (b"<html><head><title>413 Request Entity Too Large</title></head><body>", ""),
    "a page that says why": (b"<html><title>Upload limit exceeded</title>", "upload limit exceeded"),
    "a page that quotes": (b"<html><title>DOE&#94;JOHN</title><body>database", ""),
    "a page without a title": (b"<html><body>database is locked</body></html>", ""),
    "a status that is not in a list": ({"error": {"status": "DOE_JOHN"}}, ""),
    "a name that is not in a list": ({"patient": "invalid value"}, ""),
    "the message itself": (b"MSH|^~\\&|invalid|value\rPID|1||889911\r", ""),
    "octets": (bytes(range(128, 256)), ""),
    "nothing": (b"", ""),
    "too much": (b"database is locked " * (MAX_READ // 10), ""),
    "null": (b"null", ""),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_words(body: object, expected: str) -> None:
    """Codes and known words are repeated, the code first."""
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert expected == words_of(Reply(400, {}, octets))


FAILURES = {
    (0xA900, ""): "A900 data set does not match SOP class",
    (0xA910, ""): "A910 data set does not match SOP class",
    (0xA701, ""): "A701 out of resources",
    (0xC000, "no space"): "no space (C000 cannot understand)",
    (0xC123, ""): "C123 cannot understand",
    (0x1234, ""): "1234",
    (None, "no space"): "no space",
    (None, ""): "",
}


@pytest.mark.parametrize(("failure", "expected"), FAILURES.items(), ids=str)
def test_failure(failure: tuple[int | None, str], expected: str) -> None:
    """A failure reason is given with its number and its name."""
    assert expected == failure_words(*failure)


def test_comment() -> None:
    """An Error Comment is cleaned, and found in a nested sequence too."""
    nested = {"00741048": {"vr": "SQ", "Value": [{"00000902": {"vr": "LO", "Value": ["invalid value DOE^JOHN"]}}]}}
    assert "invalid value ..." == comment_of(nested)
    assert "" == comment_of({"00000902": {"vr": "LO", "Value": [1]}})


def test_sentence() -> None:
    """The store's words stand before ours, where an answer has little room."""
    assert "the store said database is locked; ours" == said("database is locked", "ours")
    assert "ours" == said("", "ours")


VALUES = st.from_regex(r"[A-Z]{4,12}\^[A-Z]{4,12}", fullmatch=True)
SHELLS = (
    '{{"error": "{}"}}', '{{"{}": "invalid"}}', '{{"message": "invalid", "{}": ["{}"]}}', "<title>{}</title>", "{}",
    '{{"error": {{"status": "{}", "message": "no {} in the {}"}}}}', '{{"00000902": {{"Value": ["{}"]}}}}',
    '{{"resourceType": "OperationOutcome", "issue": [{{"code": "{}", "details": {{"text": "{}"}}}}]}}',
)  # fmt: skip


@given(VALUES, st.sampled_from(SHELLS))
def test_no_value_gets_out(value: str, shell: str) -> None:
    """Wherever a body quotes a patient's name, no run of four of its octets is told."""
    told = words_of(Reply(400, {}, shell.replace("{}", value).replace("{{", "{").replace("}}", "}").encode()))
    assert not any(value[start : start + 4] in told for start in range(len(value) - 3))


JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_never_raises(body: bytes) -> None:
    """Any body has words or none, in a short line of ASCII."""
    told = words_of(Reply(500, {}, body))
    assert told.isascii()
    assert len(told) <= 120
