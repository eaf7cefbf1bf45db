"""Why a handshake failed."""

import ssl

import pytest

from gateway.tls.causes import CAUSES, NOT_TRUSTED, TOO_SLOW, UNKNOWN, UNREADABLE, VERIFY_CODES, cause_of


def tls_error(reason: str) -> ssl.SSLError:
    """Return an error as OpenSSL words it."""
    error = ssl.SSLError(1, f"[SSL: {reason}] text that quotes the peer (_ssl.c:1)")
    error.reason = reason
    return error


@pytest.mark.parametrize("reason", [*CAUSES, "SOMETHING_NEW"])
def test_fixed_sentences(reason: str) -> None:
    """Whatever OpenSSL says, the cause is one of the fixed sentences."""
    assert CAUSES.get(reason, UNKNOWN) == cause_of(tls_error(reason))


@pytest.mark.parametrize("code", [*VERIFY_CODES, 26])
def test_certificate_that_is_not_trusted(code: int) -> None:
    """A certificate that has ended is told from one of another CA, and from what else may be wrong with it."""
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] text (_ssl.c:1)")
    error.verify_code = code
    assert VERIFY_CODES.get(code, NOT_TRUSTED) == cause_of(error)


def test_slow_peer() -> None:
    """The loops tell of their timeout with an error of an aborted connection."""
    assert TOO_SLOW == cause_of(ConnectionAbortedError("SSL handshake is taking longer than 60.0 seconds"))


def test_peer_that_leaves() -> None:
    """A peer that just leaves, as a balancer's probe does, is no failure."""
    assert cause_of(ConnectionResetError()) is None


def test_name_that_is_no_text() -> None:
    """A name in a certificate that is not UTF-8 is reported without the name itself."""
    assert UNREADABLE == cause_of(UnicodeDecodeError("utf-8", b"stra\xdfe", 4, 5, "invalid start byte"))


def test_other_errors() -> None:
    """Any other error of the system is a failure of unknown cause."""
    assert UNKNOWN == cause_of(OSError(5, "text"))
