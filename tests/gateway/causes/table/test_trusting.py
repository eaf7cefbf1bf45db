"""What operators read when TLS with a destination fails: three reasons that were one sentence are told apart."""

import pytest

from gateway.causes.cases import cases_of
from gateway.causes.table.trusting import TRUSTING
from gateway.contract.causes import Cause
from tests.gateway.causes.observations import NOW, SITE, observed, stopped

SENTENCES = {
    "certificate_ended": (
        {"called": "pacs.example", "ended_at": str(NOW - 3 * 86400)},
        "The certificate of image-store ended 3 days ago.",
    ),
    "certificate_not_yet_valid": (
        {"called": "pacs.example", "begins_at": str(NOW + 7200)},
        "The certificate of image-store is valid only in 2 h; or our clock is behind.",
    ),
    "certificate_name": (
        {"called": "10.20.0.8", "names": "other.example"},
        "Its certificate is for other.example, we call 10.20.0.8.",
    ),
    "certificate_issuer": (
        {"called": "pacs.example", "issuer": "X"},
        "The issuer of its certificate, X, is not among the CAs that Hilum trusts for it.",
    ),
    "certificate_wanted": ({}, "image-store asks for a client certificate, and Hilum has none for it."),
    "certificate_refused": ({"alert": "unknown ca"}, "image-store refuses our certificate (unknown ca)."),
    "tls_failed": ({}, "The TLS handshake with image-store fails: it may take only old versions or ciphers."),
    "speaks_tls": ({"address": "10.20.0.8:8042"}, "10.20.0.8:8042 speaks TLS, and we do not."),
    "speaks_no_tls": ({"address": "10.20.0.8:8042"}, "10.20.0.8:8042 does not speak TLS, and we do."),
}


def test_all() -> None:
    """Each row is among the examples."""
    assert {each.value for each in TRUSTING} == SENTENCES.keys()


@pytest.mark.parametrize("cause", SENTENCES)
def test_sentences(cause: str) -> None:
    """The sentence names what is wrong with which certificate."""
    details, why = SENTENCES[cause]
    (case,) = cases_of(observed(destinations=stopped(cause, **details)), SITE)
    assert case["why"] == why
    assert case["side"] == TRUSTING[Cause(cause)].side


@pytest.mark.parametrize("cause", SENTENCES)
def test_without_details(cause: str) -> None:
    """Without any detail the sentence is whole."""
    (case,) = cases_of(observed(destinations=stopped(cause)), SITE)
    assert "?" not in case["why"] + case["now"]


def test_hangs_up_in_the_handshake() -> None:
    """Some servers send no alert where they miss a client certificate: no single reason is named then."""
    (case,) = cases_of(observed(destinations=stopped("tls_failed", error="closed")), SITE)
    assert case["why"] == (
        "image-store closes the connection in the TLS handshake without a reason: it may want a client certificate, or "
        "take only old versions."
    )
    assert "ask its owner why it closes the connection in the TLS handshake" in case["now"]


def test_line_to_change() -> None:
    """The verb that helps leads to the line of the configuration."""
    (case,) = cases_of(observed(destinations=stopped("certificate_issuer")), SITE)
    links = [each["target"]["link"] for each in case["verbs"] if each["helps"]]
    assert links == ["/configuration#destinations.image-store.tls.ca_file"]
