"""What a listener under test is given for TLS."""

from gateway.contract.meter import Rejection
from gateway.contract.settings import ServerTlsSettings
from gateway.tls.acceptor import TlsAcceptor
from gateway.tls.contexts import server_context
from tests.certificates import Authority


def tls_acceptor_of(authority: Authority) -> TlsAcceptor:
    """Return an TLS acceptor with a certificate of *authority* that asks for none."""
    pair = authority.issue("server")
    settings = ServerTlsSettings(certificate_file=pair.certificate, key_file=pair.key)
    context = server_context("tls", settings).ssl
    return TlsAcceptor("in", settings, lambda: context, 100, _unexpected)


def _unexpected(reason: Rejection, _peer_ip: str) -> None:
    raise AssertionError(reason)
