"""The certificates that Hilum shows."""

from pathlib import Path

from gateway.observing.certificates import LOOK_SECONDS, Certificates
from tests.certificates import Authority


def test_seen(tmp_path: Path) -> None:
    """Subject, issuer and end are read; a file that is missing or no certificate is left out."""
    pair = Authority(tmp_path).issue("hilum.example", days=5)
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("no certificate")
    files = {"listeners.lab.tls": pair.certificate, "admin.tls": tmp_path / "missing", "audit.tls": rubbish}
    (seen,) = Certificates(files).seen()
    assert (seen["place"], seen["subject"], seen["issuer"]) == ("listeners.lab.tls", "hilum.example", "hospital CA")
    assert seen["ends_at"] > 0


def test_renewed(tmp_path: Path) -> None:
    """A certificate that was renewed is seen after some seconds; until then no file is read again."""
    authority, now = Authority(tmp_path), [0.0]
    pair = authority.issue("old", days=1)
    certificates = Certificates({"a": pair.certificate}, lambda: now[0])
    before = certificates.seen()
    pair.certificate.write_bytes(authority.issue("new", days=30).certificate.read_bytes())
    now[0] = LOOK_SECONDS - 1
    assert certificates.seen() is before
    now[0] = LOOK_SECONDS
    assert certificates.seen()[0]["subject"] == "new"


def test_none() -> None:
    """Without TLS there is none."""
    assert Certificates({}).seen() == []
