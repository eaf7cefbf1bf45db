"""The reasons for a missing answer name only what the peer did."""

import ssl

import pytest

from adapters.dimse.protocol.proposing import Agreement, Violation
from adapters.dimse.protocol.requestor import Ended, Ending
from adapters.dimse.requesting.reasons import why_ended, why_no_pdu, why_not_accepted
from gateway.contract.connecting import CLOSED_BEHIND_HANDSHAKE
from tests.adapters.dimse.raw_peer import CT, EXPLICIT

NONE, SOME = "association accepted, but none of the proposed contexts: ", "the peer does not accept "
NOT_ACCEPTED: dict[str, tuple[dict[int, int | Violation], tuple[str, str], str]] = {
    "none, by SOP class": (
        {3: 3},
        (CT, "1.2.840.10008.1.2.4.91"),
        NONE + "CT Image Storage / JPEG 2000 Image Compression (result 3: abstract syntax not supported)",
    ),
    "others, not this transfer syntax": (
        {1: 0, 3: 4},
        (CT, EXPLICIT),
        SOME + "CT Image Storage / Explicit VR Little Endian (result 4: transfer syntax not supported)",
    ),
    "private": ({3: 1}, ("1.2.3.4", "1.2.3.5"), NONE + "1.2.3.4 / 1.2.3.5 (result 1: user rejection)"),
    "without a reason": ({3: 2}, ("1.2.3.4", "1.2.3.5"), NONE + "1.2.3.4 / 1.2.3.5 (result 2: no reason given)"),
    "not in the standard": ({3: 9}, ("1.2.3.4", "1.2.3.5"), NONE + "1.2.3.4 / 1.2.3.5 (result 9: unknown)"),
    "not as it was proposed": (
        {1: 0, 3: Violation.TRANSFER_SYNTAX},
        (CT, EXPLICIT),
        SOME + "CT Image Storage / Explicit VR Little Endian (PS3.8 9.3.3.2 violated: accepted, but not with the"
        " transfer syntax that was proposed)",
    ),
    "answered twice": (
        {3: Violation.CONTRADICTION},
        ("1.2.3.4", "1.2.3.5"),
        NONE + "1.2.3.4 / 1.2.3.5 (PS3.8 9.3.3.2 violated: answered twice, with different results)",
    ),
    "left out of the answer": ({1: 0}, ("1.2.3.4", "1.2.3.5"), SOME + "1.2.3.4 / 1.2.3.5 (no result)"),
}


@pytest.mark.parametrize(("results", "syntaxes", "reason"), NOT_ACCEPTED.values(), ids=NOT_ACCEPTED)
def test_why_not_accepted(results: dict[int, int | Violation], syntaxes: tuple[str, str], reason: str) -> None:
    """What is not accepted is told by the names of its SOP class and transfer syntax, with the peer's result."""
    assert reason == why_not_accepted(Agreement(results), 3, syntaxes)


@pytest.mark.parametrize(
    ("beginning", "reason"),
    [
        (b"HTTP/1.1", "not DICOM: the peer answered HTTP"),
        (b"\x15\3\1\0\2\2\x46", "not DICOM: the peer answered TLS"),
        (b"SSH-2.0-", "not DICOM: the peer answered SSH"),
        (b"\x0bMSH|^~\\", "not DICOM: the peer answered MLLP"),
        (b"220 mail", "not DICOM: the peer's answer is not a PDU"),
        (b"\2\0\0\0\0\1", "the peer sent an invalid PDU"),
        (b"\4\0\0\0\0\0", "the peer sent an invalid PDU"),
    ],
)
def test_why_no_pdu(beginning: bytes, reason: str) -> None:
    """The first octets of a peer tell other protocols from DICOM that is wrong."""
    assert reason == why_no_pdu(beginning)


ENDINGS: dict[str, tuple[Ended, bytes, Exception | None, str]] = {
    "rejected by title": (
        Ended(Ending.REJECTED, (1, 1, 7)),
        b"\3",
        None,
        "association rejected: called AE title not recognized (permanent, by service user; 1/1/7)",
    ),
    "rejected for now": (
        Ended(Ending.REJECTED, (2, 3, 2)),
        b"\3",
        None,
        "association rejected: local limit exceeded (transient, by service provider, presentation; 2/3/2)",
    ),
    "rejected for a reason of another version": (
        Ended(Ending.REJECTED, (9, 8, 7)),
        b"\3",
        None,
        "association rejected: unknown reason (unknown result, by unknown source; 9/8/7)",
    ),
    "aborted by its user": (Ended(Ending.PEER_ABORTED, (0, 2)), b"\2", None, "the peer aborted the association"),
    "aborted by its provider": (
        Ended(Ending.PEER_ABORTED, (2, 2)),
        b"\2",
        None,
        "the peer aborted the association (service provider: unexpected PDU)",
    ),
    "aborted for a reserved reason": (
        Ended(Ending.PEER_ABORTED, (2, 3)),
        b"\2",
        None,
        "the peer aborted the association (service provider: reason 3)",
    ),
    "closed at once": (
        Ended(Ending.DISCONNECTED),
        b"",
        None,
        "the peer closed the connection without sending anything",
    ),
    "closed later": (Ended(Ending.DISCONNECTED), b"\2", None, "the peer closed the connection before it answered"),
    "reset": (Ended(Ending.DISCONNECTED), b"\2", ConnectionResetError(), "the connection was reset"),
    "an alert": (Ended(Ending.DISCONNECTED), b"", ssl.SSLError(1, "?"), "TLS: the handshake failed"),
    "released": (
        Ended(Ending.PEER_RELEASED),
        b"\2",
        None,
        "the peer released the association before it answered",
    ),
    "HTTP": (Ended(Ending.NO_PDU), b"HTTP/1.1", None, "not DICOM: the peer answered HTTP"),
}


@pytest.mark.parametrize(("ended", "beginning", "lost", "reason"), ENDINGS.values(), ids=ENDINGS)
def test_why_ended(ended: Ended, beginning: bytes, lost: Exception | None, reason: str) -> None:
    """Each ending has a fixed text."""
    assert reason == why_ended(ended, beginning, lost)


def test_closed_behind_the_handshake() -> None:
    """If the peer closes right after the TLS handshake, the reason mentions a client certificate."""
    assert CLOSED_BEHIND_HANDSHAKE == why_ended(Ended(Ending.DISCONNECTED), b"", None, speaks_tls=True)


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_words(ending: Ending) -> None:
    """There is no ending without a reason."""
    assert why_ended(Ended(ending, (1, 1, 1) if ending is Ending.REJECTED else (2, 0)), b"", None)
