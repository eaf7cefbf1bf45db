"""What TLS contexts offer and require, and the errors for bad files."""

import os
import ssl
from pathlib import Path
from typing import Any

import pytest

from gateway.contract.errors import ConfigError
from gateway.contract.settings import ClientTlsSettings, ServerTlsSettings
from gateway.tls.contexts import client_context, client_files, server_context, server_files
from tests.certificates import Authority, Pair, lock


@pytest.fixture
def pair(authority: Authority) -> Pair:
    """Make a server's certificate."""
    return authority.issue("server")


def server_settings(pair: Pair, **settings: Any) -> ServerTlsSettings:
    """Return settings with the files of *pair*."""
    return ServerTlsSettings(certificate_file=pair.certificate, key_file=pair.key, **settings)


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Return both ends after a handshake in memory."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (client.wrap_bio(down, up, server_hostname="localhost"), server.wrap_bio(up, down, server_side=True))
    unfinished = list(ends)
    for _ in range(10):
        for end in tuple(unfinished):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            unfinished.remove(end)
    assert not unfinished
    return ends


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(authority: Authority, pair: Pair, version: ssl.TLSVersion) -> None:
    """TLS 1.2 and 1.3 are taken, with forward secrecy and authenticated encryption."""
    client = authority.client()
    client.minimum_version = client.maximum_version = version
    _, server = shake_hands(client, server_context("x", server_settings(pair)).ssl)
    cipher = server.cipher()
    assert cipher is not None
    assert "GCM" in cipher[0] or "CHACHA20" in cipher[0]


def test_suites(pair: Pair) -> None:
    """No suite has CBC, static RSA or no authentication."""
    suites = server_context("x", server_settings(pair)).ssl.get_ciphers()
    assert suites
    assert all(suite["aead"] and suite["strength_bits"] >= 128 for suite in suites)
    assert all(suite["name"].startswith(("TLS_", "ECDHE-")) for suite in suites)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_old_version(authority: Authority, pair: Pair) -> None:
    """TLS 1.1 is refused, whatever the peer is ready to take."""
    client = authority.client()
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        shake_hands(client, server_context("x", server_settings(pair)).ssl)


def test_no_tickets(authority: Authority, pair: Pair) -> None:
    """No ticket is given out that would outlast the context."""
    client, server = shake_hands(authority.client(), server_context("x", server_settings(pair)).ssl)
    server.write(b"x")
    client.read(1)
    assert client.session is None or not client.session.has_ticket


@pytest.mark.parametrize(("client_auth", "shows", "known"), [("none", True, False), ("optional", True, True)])
def test_certificate_asked_for(authority: Authority, pair: Pair, client_auth: str, shows: bool, known: bool) -> None:
    """A peer's certificate is known only if it was requested."""
    ca = {"client_ca_file": authority.certificate} if known else {}
    context = server_context("x", server_settings(pair, client_auth=client_auth, **ca)).ssl
    _, server = shake_hands(authority.client(authority.issue("peer", key=2) if shows else None), context)
    assert known is bool(server.getpeercert())


def test_certificate_required(authority: Authority, pair: Pair) -> None:
    """If a certificate is required, the handshake fails without one."""
    settings = server_settings(pair, client_auth="required", client_ca_file=authority.certificate)
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        shake_hands(authority.client(), server_context("x", settings).ssl)


@pytest.mark.parametrize("client_auth", ["optional", "required"])
def test_stranger(authority: Authority, pair: Pair, tmp_path: Path, client_auth: str) -> None:
    """A certificate of another CA fails the handshake, even if certificates are optional."""
    settings = server_settings(pair, client_auth=client_auth, client_ca_file=authority.certificate)
    stranger = authority.client(Authority(tmp_path, "other CA").issue("stranger", key=2))
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        shake_hands(stranger, server_context("x", settings).ssl)


def test_expiry(authority: Authority) -> None:
    """The context knows when its certificate ends."""
    soon = server_context("x", server_settings(authority.issue("soon", days=1))).expires
    later = server_context("x", server_settings(authority.issue("later", days=2))).expires
    assert soon is not None
    assert later is not None
    assert 1 == (later - soon).days


def test_client_trusts_its_own_ca_only(authority: Authority, pair: Pair, tmp_path: Path) -> None:
    """With `ca_file` no other CA vouches for a store, without it the system's do."""
    server = authority.server(pair)
    shake_hands(client_context("x", ClientTlsSettings(ca_file=authority.certificate)).ssl, server)
    other = ClientTlsSettings(ca_file=Authority(tmp_path, "other CA").certificate)
    for settings in (other, ClientTlsSettings(), None):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(client_context("x", settings).ssl, server)


def test_pinned_ca_below_another(authority: Authority, tmp_path: Path) -> None:
    """A CA in the file is trusted by itself, whoever issued its own certificate; what is above it is not."""
    ward = Authority(tmp_path, "ward CA", above=authority)
    context = client_context("x", ClientTlsSettings(ca_file=ward.certificate)).ssl
    shake_hands(context, ward.server(ward.issue("ward")))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, authority.server(authority.issue("elsewhere")))


def test_client_shows_its_certificate(authority: Authority, pair: Pair) -> None:
    """A store that demands a certificate gets it."""
    peer = authority.issue("hilum", key=2)
    settings = ClientTlsSettings(ca_file=authority.certificate, certificate_file=peer.certificate, key_file=peer.key)
    context = client_context("x", settings)
    _, server = shake_hands(context.ssl, authority.server(pair, demand=True))
    certificate = server.getpeercert()
    assert certificate
    assert ((("commonName", "hilum"),),) == certificate["subject"]
    assert context.expires is not None


def test_no_key_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SSLKEYLOGFILE is ignored: no TLS keys are logged."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert client_context("x").ssl.keylog_filename is None


def test_files(pair: Pair, authority: Authority) -> None:
    """The files to watch are those that are read."""
    settings = server_settings(pair, client_auth="required", client_ca_file=authority.certificate)
    assert [pair.certificate, pair.key, authority.certificate] == server_files(settings)
    assert [authority.certificate] == client_files(ClientTlsSettings(ca_file=authority.certificate))


def broken(pair: Pair, authority: Authority, fault: str) -> ServerTlsSettings:
    """Return settings of which a file has *fault*."""
    settings = server_settings(pair, client_auth="required", client_ca_file=authority.certificate)
    match fault:
        case "no certificate":
            pair.certificate.write_text("PID|1|secret")
        case "half a certificate":
            pair.certificate.write_bytes(pair.certificate.read_bytes()[:200])
        case "gone":
            pair.certificate.unlink()
        case "another's key":
            os.replace(authority.issue("other", key=2).key, pair.key)  # noqa: PTH105
        case "encrypted key":
            lock(pair.key)
        case "no key":
            pair.key.write_text("")
        case "no CA":
            authority.certificate.write_text("")
    return settings


FAULTS = {
    "no certificate": "certificate_file: {} holds no certificate; it must be PEM",
    "half a certificate": "certificate_file: {} holds no certificate; it must be PEM",
    "gone": "certificate_file: {} cannot be read: No such file or directory; correct its path or permissions",
    "another's key": "key_file: {} is not the key of the certificate; name the key that belongs to it",
    "encrypted key": "key_file: {} holds no usable private key; it must be PEM, not encrypted",
    "no key": "key_file: {} holds no usable private key; it must be PEM, not encrypted",
    "no CA": "client_ca_file: {} holds no certificate; it must be PEM",
}


@pytest.mark.parametrize(("fault", "text"), FAULTS.items(), ids=FAULTS)
def test_bad_file(pair: Pair, authority: Authority, fault: str, text: str) -> None:
    """An error names the setting, the file, the reason and the mend, and asks no terminal."""
    files = {"certificate_file": pair.certificate, "key_file": pair.key, "client_ca_file": authority.certificate}
    settings = broken(pair, authority, fault)
    with pytest.raises(ConfigError) as caught:
        server_context("listeners.adt.tls", settings)
    expected = "listeners.adt.tls." + text.format(files[text.split(":", maxsplit=1)[0]])
    assert (expected,) == caught.value.problems
