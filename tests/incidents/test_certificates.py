"""Incidents 4 to 7, and the certificate of incident 19: TLS with the store fails, each time for another reason."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from tests.certificates import Authority, Pair
from tests.incidents.staging import Told, settings, staged
from tests.incidents.stores import LISTENERS, ROUTES, AlertingStore, Store, results

pytestmark = [pytest.mark.slow, pytest.mark.slow, pytest.mark.timeout(900)]
OTHER_NAME = x509.DNSName("other.example")
TLS_VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]

STORES_OWN = {
    "ended": Told(
        "certificate_ended",
        "results",
        "store",
        "The certificate of results ended 3 days ago.",
        "Its owner renews the certificate.",
    ),
    "not yet": Told(
        "certificate_not_yet_valid",
        "results",
        "store",
        "The certificate of results is valid only in 3 days; or our clock is behind.",
        "Check the clock of this machine (NTP) first, then ask the owner for the certificate.",
    ),
    "other name": Told(
        "certificate_name",
        "results",
        "store",
        "Its certificate is for other.example, we call 127.0.0.1.",
        "Write the name other.example in destinations.results.url, or its owner makes a new certificate.",
    ),
}


def wrong(authority: Authority, what: str) -> Pair:
    """Return a certificate that a store should not show."""
    match what:
        case "ended":
            return authority.issue("wrong", days=-3, begun=30)
        case "not yet":
            return authority.issue("wrong", begun=-3)
        case _:
            return authority.issue("wrong", OTHER_NAME)


@pytest.mark.parametrize("what", STORES_OWN)
async def test_4_5_19_certificate_of_the_store(tmp_path: Path, what: str) -> None:
    """The store shows a certificate that is no good; then its owner puts a good one in its place."""
    told = STORES_OWN[what]
    authority = Authority(tmp_path)
    good, context = authority.issue("good"), authority.server(wrong(authority, what))
    store = Store(context)
    destination = results(store.url, f"tls: {{ca_file: {authority.certificate}}}")
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        context.load_cert_chain(good.certificate, good.key)
        await stage.is_as_usual()
        await stage.has_logged_once(told)
        assert 1 == len(store.taken)


async def test_6_unknown_issuer(tmp_path: Path) -> None:
    """The CA of the store's certificate is not in our file; then somebody adds it."""
    told = Told(
        "certificate_issuer",
        "results",
        "here",
        "The issuer of its certificate, PACS CA, is not among the CAs that Hilum trusts for it.",
        "Add the CA to the file of destinations.results.tls.ca_file.",
    )
    ours, theirs = Authority(tmp_path), Authority(tmp_path, "PACS CA")
    store = Store(theirs.server(theirs.issue("store")))
    destination = results(store.url, f"tls: {{ca_file: {ours.certificate}}}")
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        ours.certificate.write_bytes(ours.certificate.read_bytes() + theirs.certificate.read_bytes())
        await stage.is_as_usual()
        await stage.has_logged_once(told)


@pytest.mark.parametrize("version", TLS_VERSIONS, ids=lambda each: each.name)
async def test_7_store_wants_our_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """The store asks for a certificate, and we have none; in TLS 1.3 it says so only after the handshake."""
    told = Told(
        "certificate_wanted",
        "results",
        "here",
        "results asks for a client certificate, and Hilum has none for it.",
        "Set destinations.results.tls.certificate_file and key_file.",
    )
    authority = Authority(tmp_path)
    context = authority.server(authority.issue("store"), demand=True)
    context.minimum_version = context.maximum_version = version
    with AlertingStore(context).running() as store:
        destination = results(store.url, f"tls: {{ca_file: {authority.certificate}}}")
        async with staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
            assert "AA" == await stage.message("lab", "C1")
            await stage.tells(told)
            context.verify_mode = ssl.CERT_NONE
            await stage.is_as_usual()
            await stage.has_logged_once(told)


@pytest.mark.parametrize("version", TLS_VERSIONS, ids=lambda each: each.name)
async def test_7_store_refuses_our_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """Our certificate is of a CA that the store does not know; then a good one is put into our file."""
    told = Told(
        "certificate_refused",
        "results",
        "here",
        "results refuses our certificate (unknown_ca).",
        "Ask its owner which CA it takes, and put such a certificate into destinations.results.tls.certificate_file.",
    )
    authority, other = Authority(tmp_path), Authority(tmp_path, "other CA")
    context = authority.server(authority.issue("store"), demand=True)
    context.minimum_version = context.maximum_version = version
    shown, good = other.issue("gateway", key=2), authority.issue("good", key=2)
    tls = f"ca_file: {authority.certificate}, certificate_file: {shown.certificate}, key_file: {shown.key}"
    with AlertingStore(context).running() as store:
        destination = results(store.url, f"tls: {{{tls}}}")
        async with staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
            assert "AA" == await stage.message("lab", "C1")
            await stage.tells(told)
            good.certificate.replace(shown.certificate)
            await stage.is_as_usual()
            await stage.has_logged_once(told)
