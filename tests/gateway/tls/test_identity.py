"""Names in certificates, and which of ``client_names`` they match."""

import ssl
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from gateway.contract.certificate_names import read_name
from gateway.tls.identity import has_expired, is_named, names_in
from tests.certificates import Authority, Pair

DNS, EMAIL, URI = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier


def IP(text: str) -> x509.IPAddress:  # noqa: N802  it reads like the other three
    """Return an address as an alternative name."""
    return x509.IPAddress(ip_address(text))


USER_ID = x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x04ct-1")
HEAD = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "ct1.ward.example")]))

CERTIFICATES: Mapping[str, tuple[Sequence[str], Sequence[x509.GeneralName], Sequence[str]]] = {
    # what it is: common names, alternative names, and which of NAMES let it in
    "its DNS name": ([], [DNS("ct1.ward.example")], ["ct1.ward.example", "*.ward.example"]),
    "in another case": ([], [DNS("CT1.Ward.Example")], ["ct1.ward.example", "*.ward.example"]),
    "another machine of the ward": ([], [DNS("mr1.ward.example")], ["*.ward.example"]),
    "the ward": ([], [DNS("ward.example")], []),
    "two labels": ([], [DNS("a.ct1.ward.example")], []),
    "a longer name": ([], [DNS("ct1.ward.example.evil.example")], []),
    "a part of it": ([], [DNS("1.ward.example")], ["*.ward.example"]),
    "an empty label": ([], [DNS(".ward.example")], []),
    "a dot at the end": ([], [DNS("ct1.ward.example.")], []),
    "a wildcard": ([], [DNS("*.ward.example")], []),
    "a wildcard in a label": ([], [DNS("ct*.ward.example")], []),
    "a NUL": ([], [DNS("ct1.ward.example\0.evil.example")], []),
    "a NUL in the label": ([], [DNS("ct1\0.ward.example")], []),
    "a line's end": ([], [DNS("ct1.ward.example\n")], []),
    "an A-label": ([], [DNS("xn--bcher-kva.ward.example")], ["*.ward.example", "xn--bcher-kva.ward.example"]),
    "an address as DNS name": ([], [DNS("10.1.2.3")], []),
    "a second DNS name": ([], [DNS("x.example"), DNS("ct1.ward.example")], ["ct1.ward.example", "*.ward.example"]),
    "an e-mail that ends so": ([], [EMAIL("me@ct1.ward.example")], []),
    "an e-mail as a label": ([], [EMAIL("ct1.ward.example@x.example")], []),
    "a URI that ends so": ([], [URI("urn:x.ward.example")], []),
    "a URI of the host": ([], [URI("https://ct1.ward.example")], []),
    "another's name in the directory": ([], [HEAD], []),
    "only a common name": (["ct1.ward.example"], [], ["ct1.ward.example", "*.ward.example", "cn:ct1.ward.example"]),
    "a common name in another case": (["CT1.ward.example"], [], ["ct1.ward.example", "*.ward.example"]),
    "a common name beside a DNS name": (["ct1.ward.example"], [DNS("x.example")], ["cn:ct1.ward.example"]),
    "a common name beside an e-mail": (["ct1.ward.example"], [EMAIL("x@x.example")], ["cn:ct1.ward.example"]),
    "a common name beside a user's ID": (["ct1.ward.example"], [USER_ID], ["cn:ct1.ward.example"]),
    "a common name with a wildcard": (["*.ward.example"], [], []),
    "a common name with a NUL": (["ct1.ward.example\0.evil.example"], [], []),
    "a common name with a prefix": (["ip:10.1.2.3"], [], []),
    "the less specific of two": (["ct1.ward.example", "x"], [], []),
    "the more specific of two": (["x", "CT 1"], [], ["cn:CT 1"]),
    "its common name": (["CT 1"], [DNS("x.example")], ["cn:CT 1"]),
    "the common name of another case": (["ct 1"], [], []),
    "letters beyond ASCII": (["\u212aT1"], [], []),  # the Kelvin sign, whose lower case is k
    "letters that look alike": (["\u0441t1.ward.example"], [], []),  # a Cyrillic letter
    "its e-mail": ([], [EMAIL("ct@ward.example")], ["email:ct@ward.example"]),
    "its e-mail, host in another case": ([], [EMAIL("ct@WARD.example")], ["email:ct@ward.example"]),
    "an e-mail of another case": ([], [EMAIL("CT@ward.example")], []),
    "an e-mail with a NUL": ([], [EMAIL("ct@ward.example\0.evil.example")], []),
    "a DNS name with the e-mail's text": ([], [DNS("email:ct@ward.example")], []),
    "its URI": ([], [URI("https://Ward.example/ct?1")], ["uri:https://ward.example/ct?1"]),
    "a URI of another path": ([], [URI("https://ward.example/CT?1")], []),
    "a URI with a longer host": ([], [URI("https://ward.example.evil.example/ct?1")], []),
    "its address": ([], [IP("10.1.2.3")], ["ip:10.1.2.3", "ip:10.1.2.0/24"]),
    "its neighbour's address": ([], [IP("10.1.2.30")], ["ip:10.1.2.0/24"]),
    "its address, IPv6": ([], [IP("fd00::1")], ["ip:fd00::1"]),
    "its address inside IPv6": ([], [IP("::ffff:10.1.2.3")], []),
    "nothing": ([], [], []),
}
NAMES = [
    "ct1.ward.example",
    "*.ward.example",
    "xn--bcher-kva.ward.example",
    "kt1",
    "cn:ct1.ward.example",
    "cn:CT 1",
    "email:ct@ward.example",
    "uri:https://ward.example/ct?1",
    "ip:10.1.2.3",
    "ip:10.1.2.0/24",
    "ip:fd00::1",
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make a CA."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> ssl.SSLContext:
    """Make the context of a port that demands certificates."""
    return authority.server(authority.issue("server"), demand=True)


def verified(server: ssl.SSLContext, authority: Authority, pair: Pair) -> Any:
    """Return what TLS tells of the certificate that a peer has shown."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    peer = authority.client(pair).wrap_bio(back, there, server_hostname="localhost")
    port = server.wrap_bio(there, back, server_side=True)
    for side in (peer, port, peer, port):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return port.getpeercert()


@pytest.mark.parametrize(("common", "alternatives", "expected"), CERTIFICATES.values(), ids=CERTIFICATES)
def test_names(
    server: ssl.SSLContext,
    authority: Authority,
    common: Sequence[str],
    alternatives: Sequence[x509.GeneralName],
    expected: Sequence[str],
) -> None:
    """A certificate matches by its own names and their kinds, and not by names that only look alike."""
    shown = names_in(verified(server, authority, authority.issue_to(common, alternatives, "peer", key=2)))
    assert expected == [each for each in NAMES if is_named(shown, [read_name(each)])]


def test_names_as_they_would_be_configured(server: ssl.SSLContext, authority: Authority) -> None:
    """What the log shows of a peer could be copied into client_names."""
    alternatives = [DNS("CT1.example"), URI("urn:ct:1"), EMAIL("ct@x.example"), IP("10.1.2.3"), IP("fd00::1")]
    shown = names_in(verified(server, authority, authority.issue_to(["CT 1"], alternatives, "peer", key=2)))
    expected = ["ct1.example", "uri:urn:ct:1", "email:ct@x.example", "ip:10.1.2.3", "ip:fd00::1", "cn:CT 1"]
    assert expected == shown
    assert all(is_named(shown, [read_name(each)]) for each in expected)


def test_one_is_enough() -> None:
    """One name among those that are wanted is enough."""
    assert is_named(["ct1.example", "cn:CT 1"], ["mr1.example", "cn:CT 1"])


def test_nobody_is_wanted() -> None:
    """With an empty list no certificate matches."""
    assert not is_named(["ct1.example"], ())


def test_anybody_is_wanted() -> None:
    """Without a list every certificate matches, even one without a name."""
    assert is_named(names_in({}), None)


def test_expiry(server: ssl.SSLContext, authority: Authority) -> None:
    """A certificate ends at its last second."""
    certificate = verified(server, authority, authority.issue("peer", key=2))
    end = ssl.cert_time_to_seconds(certificate["notAfter"])
    assert [False, True] == [has_expired(certificate, now) for now in (end - 1, end)]
    assert not has_expired({}, end)


def test_old_address_format() -> None:
    """The line's end that older versions of Python put behind an IPv6 address does no harm."""
    assert ["ip:fd00::1"] == names_in({"subjectAltName": (("IP Address", "FD00:0:0:0:0:0:0:1\n"),)})
