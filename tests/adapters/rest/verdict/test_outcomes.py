"""The table of HTTP statuses, against sections 2 and 3 of the protocol facts."""

import pytest

from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import BY_DEFAULT, Answers
from adapters.rest.verdict.outcomes import dicom_outcome, hl7_outcome
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook

DICOM_CODES = {400: "C000", 409: "0111", 413: "A900", 415: "C122", 422: "C000"}
SEND_AGAIN = [
    401,
    403,
    404,
    408,
    411,
    425,
    429,
    500,
    501,
    502,
    503,
    504,
    507,
    599,
    204,
    301,
    302,
    307,
    308,
    402,
    405,
    418,
]
MAYBE_STORED = {201, 204, 408, 500, 502, 504, 507, 599}


@pytest.mark.parametrize("status", DICOM_CODES)
def test_refused(status: int) -> None:
    """These statuses mean that the content is wrong: HL7 gets 207, DICOM a specific status."""
    reply = Reply(status, {}, b"")
    hl7, dicom = hl7_outcome(reply), dicom_outcome(reply)
    assert isinstance(hl7, Refused)
    assert "207" == hl7.code
    assert isinstance(dicom, Refused)
    assert DICOM_CODES[status] == dicom.code


@pytest.mark.parametrize("status", SEND_AGAIN)
def test_unavailable(status: int) -> None:
    """All other statuses mean to send again later, after the time that the store asks for."""
    reply = Reply(status, {}, b"", retry_after=7.0)
    outcome = hl7_outcome(reply)
    assert isinstance(outcome, Unavailable)
    assert outcome == dicom_outcome(reply)
    assert 7.0 == outcome.retry_after
    assert f"HTTP {status}" in outcome.reason
    assert (status in MAYBE_STORED) == outcome.maybe_stored


def test_length_required() -> None:
    """The reason says what to do: an instance from the spool has a length."""
    outcome = dicom_outcome(Reply(411, {}, b""))
    assert "the store wants a length; set acknowledge: commit (HTTP 411)" == outcome.reason
    assert len(outcome.reason) <= 64  # PS3.5 6.2: LO, the representation of Error Comment


@pytest.mark.parametrize("status", [400, 503])
def test_reason_of_the_store(status: int) -> None:
    """The store's own words stand first, because a DIMSE status has room for 64 characters."""
    reply = Reply(status, {}, b'{"error": {"status": "DATA_LOSS", "message": "database is locked by DOE^JOHN"}}')
    for outcome in (hl7_outcome(reply), dicom_outcome(reply)):
        assert outcome.reason.startswith("the store said DATA_LOSS, database is locked by ...; the store ")


FINAL, DOUBTFUL = Outlook.FINAL, Outlook.DOUBTFUL
NGINX = b"<html>\r\n<head><title>400 The SSL certificate error</title></head>\r\n<body>\r\n<center>nginx</center>"
APACHE = b'<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>400 Bad Request</title>'
NAMESPACED = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">'
PAGES: dict[str, tuple[int, bytes, Answers, Outlook]] = {
    "nginx, our certificate has expired": (400, NGINX, BY_DEFAULT, DOUBTFUL),
    "Apache, plain HTTP on a port for TLS": (400, APACHE, BY_DEFAULT, DOUBTFUL),
    "with a byte-order mark": (400, b"\xef\xbb\xbf\n" + APACHE, BY_DEFAULT, DOUBTFUL),
    "XHTML": (400, NAMESPACED, BY_DEFAULT, DOUBTFUL),
    "where the operator says what 400 means": (400, NGINX, Answers({"HTTP 400": FINAL}), FINAL),
    "nginx, larger than it takes": (413, NGINX, BY_DEFAULT, FINAL),
    "JSON of a store": (400, b'{"error": "<html>"}', BY_DEFAULT, FINAL),
    "XML of a store": (400, b"<NativeDicomModel/>", BY_DEFAULT, FINAL),
    "nothing": (400, b"", BY_DEFAULT, FINAL),
}


@pytest.mark.parametrize(("status", "body", "answers", "expected"), PAGES.values(), ids=PAGES)
def test_page(status: int, body: bytes, answers: Answers, expected: Outlook) -> None:
    """A 400 that comes as a page may be of a web server which has not looked at the message; the peer's code stays."""
    reply = Reply(status, {}, body)
    for outcome in (hl7_outcome(reply, answers), dicom_outcome(reply, answers=answers)):
        assert isinstance(outcome, Refused)
        assert expected is outcome.outlook


@pytest.mark.parametrize("whole", [False, True])
def test_time_out(whole: bool) -> None:
    """After a 408 to a whole request the message may be stored; after a 408 to a part of it, not."""
    outcome = hl7_outcome(Reply(408, {}, b"", whole=whole))
    assert isinstance(outcome, Unavailable)
    assert whole == outcome.maybe_stored
