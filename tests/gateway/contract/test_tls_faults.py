"""The causes of failed TLS; with real certificates they are tested where connections are opened."""

import ssl

import pytest

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.tls_faults import SHOWN, alert_of, cleaned, diagnose_alert, diagnose_tls


def failed(reason: object) -> ssl.SSLError:
    """Return an error of OpenSSL."""
    error = ssl.SSLError(1, "?")
    error.reason = reason  # type: ignore[assignment]
    return error


REASONS: dict[object, Diagnosis] = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": Diagnosis(Cause.CERTIFICATE_WANTED, {"alert": "certificate_required"}),
    "SSLV3_ALERT_BAD_CERTIFICATE": Diagnosis(Cause.CERTIFICATE_REFUSED, {"alert": "bad_certificate"}),
    "TLSV1_ALERT_UNKNOWN_CA": Diagnosis(Cause.CERTIFICATE_REFUSED, {"alert": "unknown_ca"}),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": Diagnosis(Cause.TLS_FAILED, {"error": "handshake_failure"}),
    "WRONG_VERSION_NUMBER": Diagnosis(Cause.SPEAKS_NO_TLS),
    "HTTP_REQUEST": Diagnosis(Cause.SPEAKS_NO_TLS),
    "SOMETHING_ELSE": Diagnosis(Cause.TLS_FAILED, {"error": "SOMETHING_ELSE"}),
    "whatever <it> says": Diagnosis(Cause.TLS_FAILED),
    None: Diagnosis(Cause.TLS_FAILED),
}


@pytest.mark.parametrize(("reason", "diagnosis"), REASONS.items())
def test_reasons(reason: object, diagnosis: Diagnosis) -> None:
    """An alert about certificates is told from one about the versions, and from what is no TLS."""
    assert diagnosis == diagnose_tls(failed(reason), "store")


def test_a_certificate_that_we_do_not_have() -> None:
    """A bad certificate is none if Hilum has none; a handshake that fails behind theirs is about ours."""
    assert Cause.CERTIFICATE_WANTED is diagnose_alert("bad_certificate", shows_certificate=False).cause
    assert Cause.CERTIFICATE_REFUSED is diagnose_alert("bad_certificate", shows_certificate=True).cause
    error = failed("SSLV3_ALERT_HANDSHAKE_FAILURE")
    setattr(error, SHOWN, [{}])
    assert Cause.CERTIFICATE_WANTED is diagnose_tls(error, "store").cause
    assert Cause.TLS_FAILED is diagnose_tls(error, "store", shows_certificate=True).cause


def verification(code: int, *shown: object) -> ssl.SSLCertVerificationError:
    """Return the error of a certificate that was not accepted."""
    error = ssl.SSLCertVerificationError(1, "?")
    error.verify_code = code
    setattr(error, SHOWN, list(shown))
    return error


def test_certificates_that_say_little() -> None:
    """What a certificate does not tell is left out, and nothing raises."""
    called = {"called": "store"}
    assert Diagnosis(Cause.CERTIFICATE_ENDED, called) == diagnose_tls(verification(10), "store")
    odd = {"notAfter": "soon", "issuer": (), "subjectAltName": (("othername", "x"),)}
    assert Diagnosis(Cause.CERTIFICATE_ENDED, called) == diagnose_tls(verification(10, odd), "store")
    assert Diagnosis(Cause.CERTIFICATE_ISSUER, called) == diagnose_tls(verification(20, odd), "store")
    assert Diagnosis(Cause.TLS_FAILED, {"error": "certificate 23"}) == diagnose_tls(verification(23), "store")


def test_old_certificates() -> None:
    """Without alternative names the common name is the name; an issuer may have none."""
    shown = {"subject": ((("commonName", "old"),),), "issuer": ((("organizationName", "Old CA"),),)}
    found = diagnose_tls(verification(18, shown), "store")
    assert {"called": "store", "names": "old", "issuer": "Old CA"} == found.details


def test_names_are_cleaned() -> None:
    """A name from the wire is short and has no control characters."""
    assert "a?b" == cleaned("a\x1bb")
    assert 64 == len(cleaned("x" * 1000))


def test_alerts() -> None:
    """Only an alert of the other side is one."""
    assert "unknown_ca" == alert_of(failed("TLSV1_ALERT_UNKNOWN_CA"))
    assert "" == alert_of(failed("WRONG_VERSION_NUMBER")) == alert_of(ConnectionResetError()) == alert_of(None)
