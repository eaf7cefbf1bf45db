"""The cause that a store's reply tells of, for people who act: by its status, and by what can be proved of the rest.

Nothing of the store's own text gets into a diagnosis: codes are those of a list, a permission, a host and a type of
content have to fit a pattern or a list, and a page of a web server in front of the store is known by its sentence.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.rest.http.reply import Reply, read_json
from adapters.rest.verdict.codes import CODES
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.message import UID

MAX_READ = 64 * 1024
MAX_NODES = 1000
CAUSES = {
    401: Cause.CREDENTIALS_REFUSED,
    403: Cause.NOT_PERMITTED,
    404: Cause.WRONG_ADDRESS,
    405: Cause.WRONG_ADDRESS,
    407: Cause.PROXY_FAILED,
    408: Cause.NO_ANSWER,
    410: Cause.WRONG_ADDRESS,
    411: Cause.STORE_FAILED,
    425: Cause.STORE_FAILED,
    429: Cause.TOO_MANY_REQUESTS,
    501: Cause.WRONG_ADDRESS,
}
"""Of statuses that differ from their family."""
FAMILIES = {
    1: Cause.NOT_HTTP,
    2: Cause.OTHER_CONTENT,
    3: Cause.REDIRECTED,
    4: Cause.MESSAGE_REFUSED,
    5: Cause.STORE_FAILED,
}
WITH_CODE = frozenset({Cause.NOT_PERMITTED, Cause.TOO_MANY_REQUESTS, Cause.STORE_FAILED})
OF_CREDENTIALS = frozenset({Cause.CREDENTIALS_REFUSED, Cause.NOT_PERMITTED})
WITH_DUE = frozenset({Cause.TOO_MANY_REQUESTS, Cause.STORE_FAILED})
NO_SUCH_CLASS = frozenset({0x0118, 0x0122, 0xC122})
"""Failure Reasons that refuse a SOP class, or a transfer syntax of it, and not one instance (PS3.18 table I.2-2)."""

PERMISSION = re.compile(
    rb"\bhealthcare\.(?:consent(?:Artifact|Store|s)?s?|datasets|dicomStores|fhirResources|fhirStores|hl7V2Messages"
    rb"|hl7V2Stores|locations|operations)\.[a-z][A-Za-z]{2,30}\b"
)
"""A permission of Google's Healthcare API, such as ``healthcare.hl7V2Messages.ingest``."""
TOKEN_ERROR = re.compile(r"\berror\s*=\s*\"?(invalid_request|invalid_token|insufficient_scope)\b")
EXPIRED = re.compile(r"\berror_description\s*=\s*\"[^\"]{0,200}\bexpired\b")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
CONTENT_TYPES = frozenset(
    {
        "application/dicom+json",
        "application/dicom+xml",
        "application/fhir+json",
        "application/fhir+xml",
        "application/json",
        "application/octet-stream",
        "application/problem+json",
        "application/xml",
        "multipart/related",
        "text/html",
        "text/plain",
        "text/xml",
        "x-application/hl7-v2+er7",
    }
)
IN_FRONT = (
    (b"plain HTTP request was sent to HTTPS port", Cause.SPEAKS_TLS),  # nginx
    (b"speaking plain HTTP to an SSL-enabled server port", Cause.SPEAKS_TLS),  # Apache
    (b"Client sent an HTTP request to an HTTPS server", Cause.SPEAKS_TLS),  # Go
    (b"combination of host and port requires TLS", Cause.SPEAKS_TLS),  # Tomcat
    (b"No required SSL certificate was sent", Cause.CERTIFICATE_WANTED),  # nginx
    (b"The SSL certificate error", Cause.CERTIFICATE_REFUSED),  # nginx
)
"""Sentences with which web servers answer 400 to every request, before any store has read it."""


def diagnose_reply(reply: Reply) -> Diagnosis:
    """Return the cause of a failure that *reply* tells of. Never raises."""
    if (front := in_front(reply)) is not None:
        return Diagnosis(front)
    cause = CAUSES.get(reply.status) or FAMILIES.get(reply.status // 100, Cause.UNKNOWN)
    details = {"status": str(reply.status)}
    if cause is Cause.MESSAGE_REFUSED:
        details["code"] = f"HTTP {reply.status}"
    if cause in WITH_CODE and (code := _code(reply)):
        details["code"] = code
    if cause in OF_CREDENTIALS:
        details |= _of_credentials(reply)
    if cause in WITH_DUE:
        details |= {name: value for name, value in reply.known if name == "due"}
    if cause is Cause.REDIRECTED and (host := _host(reply.headers.get("location"))):
        details["host"] = host
    if cause is Cause.OTHER_CONTENT:
        details["content_type"] = _content_type(reply.headers)
    return Diagnosis(cause, details)


def in_front(reply: Reply) -> Cause | None:
    """Return what a web server in front of the store says of TLS, in place of an answer."""
    if reply.status != 400:
        return None
    return next((cause for sentence, cause in IN_FRONT if sentence in reply.body[:MAX_READ]), None)


def refused_message(**details: str) -> Diagnosis:
    """Return the diagnosis of a refusal that is about one message; *details* are codes that Hilum knows."""
    return Diagnosis(Cause.MESSAGE_REFUSED, details)


def refused_instance(reason: int, status: int) -> Diagnosis:
    """Return the diagnosis of an instance that was not stored because of this Failure Reason."""
    if reason in NO_SUCH_CLASS:
        return Diagnosis(Cause.CLASS_REFUSED, {"code": f"{reason:04X}"})
    return refused_message(code=f"{reason:04X}", status=str(status))


def with_class(diagnosis: Diagnosis | None, facts: Mapping[str, str]) -> Diagnosis | None:
    """Return *diagnosis* with the SOP class and the transfer syntax of the message, if that is what was refused."""
    if diagnosis is None or diagnosis.cause is not Cause.CLASS_REFUSED:
        return diagnosis
    names = {"sop_class": "sop_class_uid", "transfer_syntax": "transfer_syntax_uid"}
    found = {name: facts.get(fact, "") for name, fact in names.items()}
    return Diagnosis(diagnosis.cause, {**diagnosis.details, **{k: v for k, v in found.items() if UID.fullmatch(v)}})


def _code(reply: Reply) -> str:
    """Return the code of a Google API (google.rpc.Status) if it is a known one."""
    value = read_json(reply.body, MAX_READ, MAX_NODES)
    for answer in value if isinstance(value, list) else [value]:
        error = answer.get("error") if isinstance(answer, dict) else None
        status = error.get("status") if isinstance(error, dict) else None
        if isinstance(status, str) and status in CODES:
            return status
    return ""


def _of_credentials(reply: Reply) -> dict[str, str]:
    details = {name: value for name, value in reply.known if name != "due"}
    if reply.status == 403:
        found = PERMISSION.search(reply.body, 0, MAX_READ)
        return details | ({"permission": found[0].decode("ascii")} if found else {})
    told = reply.headers.get("www-authenticate") or ""
    error = TOKEN_ERROR.search(told)
    if EXPIRED.search(told):
        return details | {"error": "expired_token"}
    return details | ({"error": error[1]} if error else {})


def _host(location: str | None) -> str:
    """Return the host of an absolute address, and nothing of its path or query."""
    try:
        parts = urlsplit(location or "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not HOST.fullmatch(host):
        return ""
    return host if port is None else f"{host}:{port}"


def _content_type(headers: Mapping[str, str]) -> str:
    named = (headers.get("content-type") or "").partition(";")[0].strip().lower()
    return named if named in CONTENT_TYPES else "other" if named else "none"
