"""Why there is no answer, in fixed texts that name the side that caused it."""

import ssl

from pydicom.uid import UID

from adapters.dimse.protocol.pdu import P_DATA_TF, SERVICE_PROVIDER, WHOLE_PDUS
from adapters.dimse.protocol.proposing import SHORTEST_PDU, Agreement, Syntaxes, Violation
from adapters.dimse.protocol.requestor import Ended, Ending
from gateway.contract.connecting import CLOSED_BEHIND_HANDSHAKE, RESET, why_no_tls

BEGINNING = 8
"""How many of the peer's first octets are kept to recognise its protocol."""
OTHER_PROTOCOLS = {b"HTTP/": "HTTP", b"\x15\x03": "TLS", b"\x16\x03": "TLS", b"SSH-": "SSH", b"\x0b": "MLLP"}

NONE_ACCEPTED = "association accepted, but none of the proposed contexts:"
CONTEXT_RESULTS = {  # PS3.8 table 9-18; 0 is acceptance
    1: "user rejection",
    2: "no reason given",
    3: "abstract syntax not supported",
    4: "transfer syntax not supported",
}

# PS3.8 table 9-21.
REJECT_RESULTS = {1: "permanent", 2: "transient"}
REJECT_SOURCES = {1: "service user", 2: "service provider, ACSE", 3: "service provider, presentation"}
REJECT_REASONS = {
    (1, 1): "no reason given",
    (1, 2): "application context name not supported",
    (1, 3): "calling AE title not recognized",
    (1, 7): "called AE title not recognized",
    (2, 1): "no reason given",
    (2, 2): "protocol version not supported",
    (3, 1): "temporary congestion",
    (3, 2): "local limit exceeded",
}
ABORT_REASONS = {  # PS3.8 table 9-26
    0: "reason not specified",
    1: "unrecognized PDU",
    2: "unexpected PDU",
    4: "unrecognized PDU parameter",
    5: "unexpected PDU parameter",
    6: "invalid PDU parameter value",
}

ABORTED = "the peer aborted the association"
RELEASED = "the peer released the association before it answered"
UNEXPECTED = "the peer sent an unexpected PDU"
NO_ROOM = f"the peer accepts only PDUs that are too short for a message (a maximum length below {SHORTEST_PDU})"
NO_RESPONSE = "the peer's answer is not a valid DIMSE response"
CLOSED = "the peer closed the connection before it answered"
WITHOUT_A_WORD = "the peer closed the connection without sending anything"
FIXED = {
    Ending.RELEASED: "the association is released",
    Ending.PEER_RELEASED: RELEASED,
    Ending.UNEXPECTED_PDU: UNEXPECTED,
    Ending.NO_ROOM: NO_ROOM,
    Ending.NO_RESPONSE: NO_RESPONSE,
    Ending.ABORTED_HERE: "the association was aborted here",
    Ending.NOT_CONNECTED: "no connection",
}


def why_ended(ended: Ended, beginning: bytes, lost: Exception | None, *, speaks_tls: bool = False) -> str:
    """Return why an association ended.

    *beginning* holds the first octets that the peer sent; *lost* is the error with which the connection ended.
    """
    match ended.ending:
        case Ending.REJECTED:
            return why_rejected(ended.code)
        case Ending.PEER_ABORTED:
            return why_aborted(ended.code)
        case Ending.NO_PDU:
            return why_no_pdu(beginning)
        case Ending.DISCONNECTED:
            return why_disconnected(beginning, lost, speaks_tls=speaks_tls)
        case ending:
            return FIXED[ending]


def why_disconnected(beginning: bytes, lost: Exception | None, *, speaks_tls: bool = False) -> str:
    """Return how the connection ended."""
    if isinstance(lost, ssl.SSLError):
        return why_no_tls(lost)
    if speaks_tls and not beginning:
        return CLOSED_BEHIND_HANDSHAKE
    if lost is not None:
        return RESET
    return CLOSED if beginning else WITHOUT_A_WORD


def why_rejected(code: tuple[int, ...]) -> str:
    """Return the meaning of the result, source and reason of an A-ASSOCIATE-RJ."""
    result, source, reason = code
    numbers = "/".join(map(str, code))
    name = REJECT_REASONS.get((source, reason), "unknown reason")
    by = REJECT_SOURCES.get(source, "unknown source")
    return f"association rejected: {name} ({REJECT_RESULTS.get(result, 'unknown result')}, by {by}; {numbers})"


def why_aborted(code: tuple[int, ...]) -> str:
    """Return the meaning of the source and reason of an A-ABORT; a reason from the service user has no meaning."""
    source, reason = code
    if source != SERVICE_PROVIDER:
        return ABORTED
    return f"{ABORTED} (service provider: {ABORT_REASONS.get(reason, f'reason {reason}')})"


def why_not_accepted(agreement: Agreement, context_id: int, syntaxes: Syntaxes) -> str:
    """Return why *agreement* does not accept a presentation context."""
    told = _told(agreement.results.get(context_id))
    kind = " / ".join(UID(each).name for each in syntaxes)
    subject = "the peer does not accept" if agreement.contexts else NONE_ACCEPTED
    return f"{subject} {kind} ({told})"


def _told(result: int | Violation | None) -> str:
    match result:
        case None:
            return "no result"
        case Violation():
            return f"PS3.8 9.3.3.2 violated: {result.value}"
        case _:
            return f"result {result}: {CONTEXT_RESULTS.get(result, 'unknown')}"


def why_no_pdu(beginning: bytes) -> str:
    """Return why the data of a peer is not a PDU; *beginning* holds the first octets that it sent."""
    if beginning[:1] and beginning[0] in (P_DATA_TF, *WHOLE_PDUS):
        return "the peer sent an invalid PDU"
    other = next((name for start, name in OTHER_PROTOCOLS.items() if beginning.startswith(start)), "")
    return f"not DICOM: the peer answered {other}" if other else "not DICOM: the peer's answer is not a PDU"
