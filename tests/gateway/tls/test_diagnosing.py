"""What operators are told of a handshake that failed."""

import ssl
from pathlib import Path

import pytest

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.settings import ServerTlsSettings
from gateway.tls import causes
from gateway.tls.contexts import server_context
from gateway.tls.diagnosing import OF_CERTIFICATE, authorities_of, of_ended, of_handshake, of_names
from tests.certificates import Authority

SENTENCES = {*causes.CAUSES.values(), *causes.VERIFY_CODES.values(), causes.UNKNOWN, causes.TOO_SLOW, causes.UNREADABLE}


@pytest.mark.parametrize("sentence", sorted(SENTENCES))
def test_every_cause(sentence: str) -> None:
    """Each sentence of the log has its cause: the certificate, TLS itself, or a peer that does not speak it."""
    found = of_handshake(sentence, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    if sentence == causes.NOT_TLS:
        assert found == Diagnosis(Cause.PLAIN_ON_TLS_PORT)
    elif "the peer's certificate" in sentence or sentence == causes.NO_CERTIFICATE:
        assert found == Diagnosis(Cause.PEER_CERTIFICATE, {"why": OF_CERTIFICATE[sentence], "authorities": ""})
    else:
        assert found == Diagnosis(Cause.PEER_TLS_FAILED, {"why": sentence})


def test_certificates_that_are_not_taken() -> None:
    """Their names are told, and those that would be taken."""
    assert of_ended(["cn:a", "b"]).details == {"why": "ended", "names": "cn:a, b"}
    assert of_names(["cn:a"], ["cn:b", "c"]).details == {"why": "name", "names": "cn:a", "allowed": "cn:b, c"}
    assert of_names([], None).details == {"why": "name", "names": "", "allowed": ""}


@pytest.mark.parametrize(
    ("count", "told"), [(1, "CA 0"), (5, "CA 0, CA 1, CA 2, CA 3, CA 4"), (7, "CA 0, CA 1, CA 2, CA 3, CA 4, 2 more")]
)
def test_authorities(count: int, told: str, tmp_path: Path) -> None:
    """Of many authorities only the first are named."""
    all_of_them = [Authority(tmp_path, f"CA {number}") for number in range(count)]
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(b"".join(each.certificate.read_bytes() for each in all_of_them))
    pair = all_of_them[0].issue("server")
    settings = ServerTlsSettings(
        certificate_file=pair.certificate, key_file=pair.key, client_auth="required", client_ca_file=bundle
    )
    named = authorities_of(server_context("tls", settings).ssl)
    assert sorted(named.split(", ")) == sorted(told.split(", "))
