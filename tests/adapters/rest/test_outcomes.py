"""The table of HTTP statuses, against sections 2 and 3 of the protocol facts."""

import pytest

from adapters.rest.outcomes import dicom_outcome, hl7_outcome
from adapters.rest.reply import Reply
from gateway.message import Refused, Unavailable

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
    """These say that the content is at fault: HL7 gets 207, DICOM a status of its own."""
    reply = Reply(status, {}, b"")
    hl7, dicom = hl7_outcome(reply), dicom_outcome(reply)
    assert isinstance(hl7, Refused)
    assert "207" == hl7.code
    assert isinstance(dicom, Refused)
    assert DICOM_CODES[status] == dicom.code


@pytest.mark.parametrize("status", SEND_AGAIN)
def test_unavailable(status: int) -> None:
    """All others mean to send again later, after the time the store asks for."""
    reply = Reply(status, {}, b"", retry_after=7.0)
    outcome = hl7_outcome(reply)
    assert isinstance(outcome, Unavailable)
    assert outcome == dicom_outcome(reply)
    assert 7.0 == outcome.retry_after
    assert f"HTTP {status}" in outcome.reason
    assert (status in MAYBE_STORED) == outcome.maybe_stored


def test_length_required() -> None:
    """The reason names what mends it: an instance from the spool has a length."""
    outcome = dicom_outcome(Reply(411, {}, b""))
    assert "the store wants a length; set acknowledge: commit (HTTP 411)" == outcome.reason
    assert len(outcome.reason) <= 64  # PS3.5 6.2: LO, the representation of Error Comment


@pytest.mark.parametrize("status", [400, 503])
def test_reason_of_the_store(status: int) -> None:
    """The store's own words stand first, because a DIMSE status has room for 64 characters."""
    reply = Reply(status, {}, b'{"error": {"status": "DATA_LOSS", "message": "database is locked by DOE^JOHN"}}')
    for outcome in (hl7_outcome(reply), dicom_outcome(reply)):
        assert outcome.reason.startswith("the store said DATA_LOSS, database is locked by ...; the store ")


@pytest.mark.parametrize("whole", [False, True])
def test_time_out(whole: bool) -> None:
    """A 408 to a whole request may come from one that has taken it; to a part of one, nothing was stored."""
    outcome = hl7_outcome(Reply(408, {}, b"", whole=whole))
    assert isinstance(outcome, Unavailable)
    assert whole == outcome.maybe_stored
