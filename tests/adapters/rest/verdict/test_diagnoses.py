"""What a reply tells of its cause: by status, and only what fits a list or a pattern."""

import json

import pytest

from adapters.rest.http.fields import Fields
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.diagnoses import diagnose_reply, in_front, refused_instance, with_class
from adapters.rest.verdict.outcomes import dicom_outcome, hl7_outcome
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.details import DETAILS
from gateway.contract.outcome import Refused

PDF = "DOE^JOHN 1.2.3"
DENIED = (
    "Permission 'healthcare.hl7V2Messages.ingest' denied on resource "
    "'//healthcare.googleapis.com/projects/p/DOE^JOHN' (or it may not exist)."
)


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    """Return a reply."""
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    known = (("due", "1795953600"), ("path", "/run/token"), ("changed_at", "1795950000"))
    return Reply(status, Fields(fields), body, known=known)


def google(status: str, message: str) -> bytes:
    """Return the body of an error of a Google API."""
    return json.dumps({"error": {"code": 1, "status": status, "message": message}}).encode()


FILE = {"path": "/run/token", "changed_at": "1795950000"}
REPLIES: dict[str, tuple[Reply, Cause, dict[str, str]]] = {
    "401": (reply(401, PDF.encode()), Cause.CREDENTIALS_REFUSED, FILE),
    "401 with an error": (
        reply(401, www_authenticate='Bearer realm="DOE", error="invalid_token"'),
        Cause.CREDENTIALS_REFUSED,
        {**FILE, "error": "invalid_token"},
    ),
    "401, expired": (
        reply(401, www_authenticate='Bearer error="invalid_token", error_description="The token expired at DOE"'),
        Cause.CREDENTIALS_REFUSED,
        {**FILE, "error": "expired_token"},
    ),
    "401 with other words": (
        reply(401, www_authenticate='Bearer error="DOE^JOHN"'),
        Cause.CREDENTIALS_REFUSED,
        FILE,
    ),
    "403 of Google": (
        reply(403, google("PERMISSION_DENIED", DENIED)),
        Cause.NOT_PERMITTED,
        {**FILE, "code": "PERMISSION_DENIED", "permission": "healthcare.hl7V2Messages.ingest"},
    ),
    "403 with other words": (
        reply(403, google("DOE", "healthcare.googleapis.com healthcare.DOE.JOHN x.hl7V2Messages.ingest")),
        Cause.NOT_PERMITTED,
        FILE,
    ),
    "404": (reply(404), Cause.WRONG_ADDRESS, {}),
    "405": (reply(405), Cause.WRONG_ADDRESS, {}),
    "501": (reply(501), Cause.WRONG_ADDRESS, {}),
    "407": (reply(407), Cause.PROXY_FAILED, {}),
    "408": (reply(408), Cause.NO_ANSWER, {}),
    "302 elsewhere": (
        reply(302, location="https://login.example:8443/realms/DOE?name=JOHN#x"),
        Cause.REDIRECTED,
        {"host": "login.example:8443"},
    ),
    "302 here": (reply(302, location="/login?next=DOE"), Cause.REDIRECTED, {}),
    "302 to something else": (reply(302, location="https://<DOE>/"), Cause.REDIRECTED, {}),
    "302 to a port that is none": (reply(302, location="https://a:99999/"), Cause.REDIRECTED, {}),
    "a page": (
        reply(200, b"<html>DOE", content_type="Text/HTML; charset=DOE"),
        Cause.OTHER_CONTENT,
        {"content_type": "text/html"},
    ),
    "another type": (reply(200, content_type="text/DOE"), Cause.OTHER_CONTENT, {"content_type": "other"}),
    "no type": (reply(200), Cause.OTHER_CONTENT, {"content_type": "none"}),
    "429 of Google": (
        reply(429, google("RESOURCE_EXHAUSTED", "Quota exceeded for DOE")),
        Cause.TOO_MANY_REQUESTS,
        {"code": "RESOURCE_EXHAUSTED", "due": "1795953600"},
    ),
    "429": (reply(429, b"[1, {}]"), Cause.TOO_MANY_REQUESTS, {"due": "1795953600"}),
    "500": (reply(500, b"DOE"), Cause.STORE_FAILED, {"due": "1795953600"}),
    "400": (reply(400, b"DOE"), Cause.MESSAGE_REFUSED, {"code": "HTTP 400"}),
    "418": (reply(418), Cause.MESSAGE_REFUSED, {"code": "HTTP 418"}),
    "600": (reply(600), Cause.UNKNOWN, {}),
}


@pytest.mark.parametrize(("answer", "cause", "details"), REPLIES.values(), ids=REPLIES)
def test_replies(answer: Reply, cause: Cause, details: dict[str, str]) -> None:
    """Each status has its cause; nothing else of the reply is told, and only details that the contract names."""
    assert Diagnosis(cause, {"status": str(answer.status), **details}) == diagnose_reply(answer)
    assert {*details} <= {each.removesuffix("?") for each in DETAILS[cause]}
    assert "DOE" not in str(diagnose_reply(answer))


FRONTS = {
    "nginx": (b"<center>The plain HTTP request was sent to HTTPS port</center>", Cause.SPEAKS_TLS),
    "Go": (b"Client sent an HTTP request to an HTTPS server.\n", Cause.SPEAKS_TLS),
    "no certificate": (b"<center>No required SSL certificate was sent</center>", Cause.CERTIFICATE_WANTED),
    "a bad one": (b"<center>The SSL certificate error</center>", Cause.CERTIFICATE_REFUSED),
}


@pytest.mark.parametrize(("page", "cause"), FRONTS.values(), ids=FRONTS)
def test_web_servers_in_front(page: bytes, cause: Cause) -> None:
    """A web server that answers 400 to everybody, because of TLS, is told from a store that refuses a message."""
    for outcome in (hl7_outcome(reply(400, page)), dicom_outcome(reply(400, page))):
        assert isinstance(outcome, Refused)
        assert Diagnosis(cause) == outcome.diagnosis
        assert "TLS" in outcome.reason
        assert "error in the message" not in outcome.reason
    assert in_front(reply(500, page)) is None


def test_codes_of_refusals() -> None:
    """A refused message has the code in the peer's protocol."""
    refused = dicom_outcome(reply(409))
    assert Diagnosis(Cause.MESSAGE_REFUSED, {"code": "0111", "status": "409"}) == refused.diagnosis
    assert Diagnosis(Cause.MESSAGE_REFUSED, {"status": "422", "code": "HTTP 422"}) == hl7_outcome(reply(422)).diagnosis


FACTS = {"sop_class_uid": "1.2.840.10008.5.1.4.1.1.130", "transfer_syntax_uid": "<b>"}


@pytest.mark.parametrize("code", ["0122", "C122", "0118"])
def test_a_class_that_is_refused(code: str) -> None:
    """It is named from the facts of the message, if it is a UID."""
    diagnosis = refused_instance(int(code, 16), 409)
    assert Diagnosis(Cause.CLASS_REFUSED, {"code": code}) == diagnosis
    named = {"code": code, "sop_class": FACTS["sop_class_uid"]}
    assert Diagnosis(Cause.CLASS_REFUSED, named) == with_class(diagnosis, FACTS)


def test_one_instance_that_is_refused() -> None:
    """Any other Failure Reason is about the instance: its class is not told."""
    diagnosis = refused_instance(0xC000, 409)
    assert Diagnosis(Cause.MESSAGE_REFUSED, {"code": "C000", "status": "409"}) == diagnosis
    assert diagnosis is with_class(diagnosis, FACTS)
    assert with_class(None, FACTS) is None
