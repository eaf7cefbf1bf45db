"""Why TLS with the other side failed, as a diagnosis: what is wrong with its certificate, or which alert it has sent.

A certificate that was not accepted is all that tells an operator which one it was, but Python gives it out only after a
good handshake. ``note_shown`` keeps it with the error, and for the event loops' own TLS ``TellingTls`` does that.
"""

import re
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.contract.causes import Cause, Diagnosis

MOST_NAMES = 8
LONGEST_NAME = 64
SHOWN = "shown_certificates"

EXPIRED, NOT_YET_VALID = 10, 9
OTHER_NAMES = frozenset({62, 64})
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH."""
UNKNOWN_ISSUERS = frozenset({2, 18, 19, 20, 21, 24, 79})
"""No issuer, or one that is no authority: OpenSSL's X509_V_ERR_*."""

ALERT = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_ALERT_([A-Z_]{1,40})")
WANTED = frozenset({"certificate_required", "no_certificate"})
REFUSED = frozenset(
    {
        "bad_certificate",
        "unsupported_certificate",
        "certificate_revoked",
        "certificate_expired",
        "certificate_unknown",
        "certificate_unobtainable",
        "bad_certificate_status_response",
        "bad_certificate_hash_value",
        "unknown_ca",
        "access_denied",
    }
)
NO_TLS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
        "HTTP_REQUEST",
        "UNEXPECTED_MESSAGE",
        "BAD_RECORD_TYPE",
    }
)
"""OpenSSL's names for octets that are no TLS."""
NAMED = re.compile(r"[A-Z0-9_]{1,64}")

Certificate = Mapping[str, Any]
"""A certificate in the form of ``SSLSocket.getpeercert``."""


class TellingTls(ssl.SSLObject):
    """TLS whose errors tell which certificates were shown: for ``SSLContext.sslobject_class``."""

    def do_handshake(self) -> None:
        """Do a step of the handshake."""
        try:
            super().do_handshake()
        except ssl.SSLError as error:
            note_shown(error, self)
            raise


def note_shown(error: ssl.SSLError, tls: ssl.SSLObject) -> None:
    """Keep with *error* what the other side of *tls* has shown, its own certificate first."""
    try:
        below = tls._sslobj  # type: ignore[attr-defined]  # noqa: SLF001  public from Python 3.13 on
        setattr(error, SHOWN, [each.get_info() for each in below.get_unverified_chain() or ()])
    except (AttributeError, ValueError, ssl.SSLError):  # ValueError: a name that is no text
        return


def diagnose_tls(error: ssl.SSLError, called: str, *, shows_certificate: bool | None = None) -> Diagnosis:
    """Return the cause of *error*; *called* is the name or address that Hilum asked for.

    *shows_certificate* tells whether Hilum has a certificate to show, if that is known.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error.verify_code, called, getattr(error, SHOWN, ()))
    reason = error.reason if isinstance(error.reason, str) and NAMED.fullmatch(error.reason) else ""
    if reason in NO_TLS:
        return Diagnosis(Cause.SPEAKS_NO_TLS)
    found = ALERT.fullmatch(reason)
    if found is None:
        return Diagnosis(Cause.TLS_FAILED, {"error": reason} if reason else {})
    has_shown = bool(getattr(error, SHOWN, ()))
    return diagnose_alert(found[1].lower(), has_shown=has_shown, shows_certificate=shows_certificate)


def diagnose_alert(alert: str, *, has_shown: bool = False, shows_certificate: bool | None = None) -> Diagnosis:
    """Return the cause of an *alert* that the other side has sent; *has_shown*: it had shown its own certificate."""
    is_missing = shows_certificate is False and alert in REFUSED  # some servers have no alert of its own for that
    # In TLS 1.2 a server that has shown its certificate and then fails the handshake wants to see ours.
    is_missing |= alert == "handshake_failure" and has_shown and shows_certificate is not True
    if alert in WANTED or is_missing:
        return Diagnosis(Cause.CERTIFICATE_WANTED, {"alert": alert})
    if alert in REFUSED:
        return Diagnosis(Cause.CERTIFICATE_REFUSED, {"alert": alert})
    return Diagnosis(Cause.TLS_FAILED, {"error": alert})


def alert_of(error: object) -> str:
    """Return the alert that the other side has sent if *error* tells of one; otherwise nothing."""
    found = ALERT.fullmatch(getattr(error, "reason", None) or "") if isinstance(error, ssl.SSLError) else None
    return found[1].lower() if found else ""


def cleaned(name: object) -> str:
    """Return a name of a certificate as it may be shown: printable, and not longer than LONGEST_NAME."""
    return "".join(each if each.isprintable() else "?" for each in str(name)[:LONGEST_NAME])


def _of_certificate(code: int, called: str, shown: Sequence[Certificate]) -> Diagnosis:
    details = {"called": cleaned(called)}
    if names := _names(shown):
        details["names"] = names
    if code == EXPIRED:
        return Diagnosis(Cause.CERTIFICATE_ENDED, details | _time("ended_at", _times(shown, "notAfter"), min))
    if code == NOT_YET_VALID:
        return Diagnosis(Cause.CERTIFICATE_NOT_YET_VALID, details | _time("begins_at", _times(shown, "notBefore"), max))
    if code in OTHER_NAMES:
        return Diagnosis(Cause.CERTIFICATE_NAME, details)
    if code in UNKNOWN_ISSUERS:
        issuer = _common_name(shown[-1].get("issuer")) if shown else ""
        return Diagnosis(Cause.CERTIFICATE_ISSUER, details | ({"issuer": issuer} if issuer else {}))
    return Diagnosis(Cause.TLS_FAILED, {"error": f"certificate {code}"})


def _names(shown: Sequence[Certificate]) -> str:
    """Return the names that the first certificate is for."""
    if not shown:
        return ""
    alternatives = shown[0].get("subjectAltName", ())
    names = [cleaned(value) for kind, value in alternatives if kind in {"DNS", "IP Address"}]
    if not alternatives and (common_name := _common_name(shown[0].get("subject"))):
        names = [common_name]
    more = ["..."] if len(names) > MOST_NAMES else []
    return ", ".join([*names[:MOST_NAMES], *more])


def _common_name(name: object) -> str:
    parts = [pair for each in name for pair in each] if isinstance(name, tuple) else []
    wanted = ("commonName", "organizationalUnitName", "organizationName")
    found = (value for key in wanted for kind, value in parts if kind == key)
    return cleaned(next(found, ""))


def _times(shown: Sequence[Certificate], key: str) -> list[int]:
    times = []
    for each in shown:
        try:
            times.append(ssl.cert_time_to_seconds(each[key]))
        except (KeyError, ValueError):
            continue
    return times


def _time(name: str, times: list[int], choose: Any) -> dict[str, str]:
    """Return the time that counts in a chain of several certificates."""
    return {name: str(choose(times))} if times else {}
