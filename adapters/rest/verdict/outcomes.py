"""What an HTTP status means for a message if the reply's body does not say more.

One table for all stores. A status that is in neither half of it is `Unavailable`: an unexpected reply says nothing
about the message. The store's own words come before Hilum's, because some answers have little room.
"""

from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import BY_DEFAULT, Answers
from adapters.rest.verdict.diagnoses import diagnose_reply, in_front, refused_message
from adapters.rest.verdict.store_reason import is_page, said, words_of
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Outcome, Refused, Unavailable
from gateway.contract.outlook import Outlook

# status: reason, DIMSE status (PS3.4 B.2.3)
REFUSED = {
    400: ("the store found an error in the message", "C000"),
    409: ("the message conflicts with what the store holds", "0111"),
    413: ("the message is larger than the store takes", "A900"),
    415: ("the store does not take this kind of content", "C122"),
    422: ("the store found an error in the message", "C000"),
}

UNAVAILABLE = {
    401: "the store does not accept the credentials",
    403: "the store does not permit this to the credentials",
    404: "the store does not know the address",
    408: "the store waited too long for the request",
    411: "the store wants a length; set acknowledge: commit",
    425: "the store asks to send again later",
    429: "the store has too many requests",
    501: "the store does not offer this operation",
    503: "the store is out of service",
}

TOO_EARLY = Unavailable(
    "the store replied before it had the whole message",
    maybe_stored=True,
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.STORE_FAILED),
)
OF_THE_FRONT = {
    Cause.SPEAKS_TLS: "the store speaks TLS on this port; its address begins with https://",
    Cause.CERTIFICATE_WANTED: "the store demands a TLS client certificate; see tls.certificate_file",
    Cause.CERTIFICATE_REFUSED: "the store does not accept our TLS client certificate",
}
"""The sentences for what a web server in front of the store answers to everybody, as those of ``failures``."""

HL7_ERROR = "207"  # table 0357, application internal error: an HTTP status does not tell which segment is wrong

# With these statuses the server has not begun. Any other 5xx may come after the message was stored: a proxy's 502 or
# 504 says that the reply was lost, not that the request was.
NOT_BEGUN = {501, 503, 505}
TIMED_OUT = 408
"""After the whole request, a 408 may come from a proxy or an endpoint whose time for processing the message ran out."""


def unless_early(reply: Reply, outcome: Outcome) -> Outcome:
    """Return *outcome* of *reply*, or TOO_EARLY if *reply* is an early success and *outcome* is no refusal."""
    if reply.whole:
        return outcome
    return TOO_EARLY if reply.is_early and not isinstance(outcome, Refused) else outcome


def hl7_outcome(reply: Reply, answers: Answers = BY_DEFAULT) -> Refused | Unavailable:
    """Return what *reply*, which holds no acknowledgement, means for an HL7 message."""
    if reply.status not in REFUSED:
        return unavailable(reply, answers=answers)
    reason, diagnosis = reason_of_refusal(reply), diagnose_reply(reply)
    return Refused(reason, code=HL7_ERROR, outlook=_outlook(reply, answers), diagnosis=diagnosis)


def dicom_outcome(reply: Reply, words: str | None = None, answers: Answers = BY_DEFAULT) -> Refused | Unavailable:
    """Return what the status of *reply* means for an instance; *words* are the store's, by default those in *reply*."""
    if reply.status not in REFUSED:
        return unavailable(reply, words, answers)
    code, diagnosis = REFUSED[reply.status][1], diagnose_reply(reply)
    if diagnosis.cause is Cause.MESSAGE_REFUSED:
        diagnosis = refused_message(code=code, status=str(reply.status))
    return Refused(reason_of_refusal(reply, words), code=code, outlook=_outlook(reply, answers), diagnosis=diagnosis)


def unavailable(reply: Reply, words: str | None = None, answers: Answers = BY_DEFAULT) -> Unavailable:
    """Return the `Unavailable` of *reply*; *maybe_stored* if the store may have begun to process the request."""
    begun = reply.status < 300 or (reply.status >= 500 and reply.status not in NOT_BEGUN)
    begun = begun or (reply.status == TIMED_OUT and reply.whole)
    reason = said(words_of(reply) if words is None else words, reason_of(reply.status))
    outlook, diagnosis = answers.to_status(reply.status), diagnose_reply(reply)
    return Unavailable(reason, reply.retry_after, maybe_stored=begun, outlook=outlook, diagnosis=diagnosis)


def reason_of_refusal(reply: Reply, words: str | None = None) -> str:
    """Return the reason for the status of *reply*, a refusal, behind the store's *words*, by default those in it."""
    if (front := in_front(reply)) is not None:
        return OF_THE_FRONT[front]
    return said(words_of(reply) if words is None else words, REFUSED[reply.status][0])


def _outlook(reply: Reply, answers: Answers) -> Outlook:
    return answers.to_page(reply.status) if is_page(reply) else answers.to_status(reply.status)


def reason_of(status: int) -> str:
    """Return the reason for a *status* that is no refusal."""
    if 300 <= status < 400:
        return f"the store redirects to another address (HTTP {status})"
    return f"{UNAVAILABLE.get(status, 'the store gave no usable answer')} (HTTP {status})"
