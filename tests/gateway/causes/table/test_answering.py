"""What operators read when a destination answers, and what it answers is the problem."""

import pytest

from gateway.causes.cases import cases_of
from gateway.causes.table.answering import ANSWERING
from gateway.contract.causes import Cause
from tests.gateway.causes.observations import NOW, SITE, observed, stopped

SENTENCES = {
    "connection_broke": ({}, "image-store closes the connection before it has answered."),
    "no_answer": ({"seconds": "14"}, "image-store takes what is sent and does not answer within 14 s."),
    "not_http": ({}, "What answers at its address does not speak HTTP."),
    "credentials_refused": ({"status": "401"}, "image-store refuses our credentials (HTTP 401)."),
    "not_permitted": (
        {"status": "403", "permission": "healthcare.hl7V2Messages.ingest"},
        "Our account at image-store lacks healthcare.hl7V2Messages.ingest.",
    ),
    "credentials_file": (
        {"path": "/run/secrets/store-token"},
        "The file /run/secrets/store-token of its credentials cannot be read.",
    ),
    "credentials_endpoint": (
        {"address": "login.example:443"},
        "The server that gives out tokens for it, login.example:443, does not give one.",
    ),
    "wrong_address": ({"status": "404"}, "image-store knows nothing at this address (HTTP 404)."),
    "redirected": (
        {"status": "302", "host": "login.example"},
        "Its address sends us on to login.example: a login page, or it has moved.",
    ),
    "other_content": (
        {"content_type": "text/html"},
        "What answers is not image-store: it sends text/html, as a login page or a proxy does.",
    ),
    "too_many_requests": (
        {"status": "429", "due": str(NOW + 60)},
        "image-store says that too many requests come (HTTP 429): a quota is used up; next try in 60 s.",
    ),
    "store_failed": ({"status": "500"}, "image-store fails by itself (HTTP 500)."),
    "unknown": ({}, "Deliveries fail: it fails."),
}
ABOUT_MESSAGES = {"message_refused", "class_refused", "poison", "slow", "clock"}
"""Their cases are made in other ways: test_of_destinations.py."""


def test_all() -> None:
    """Each row is among the examples."""
    assert {each.value for each in ANSWERING} == SENTENCES.keys() | ABOUT_MESSAGES


@pytest.mark.parametrize("cause", SENTENCES)
def test_sentences(cause: str) -> None:
    """The sentence names what the destination has answered."""
    details, why = SENTENCES[cause]
    (case,) = cases_of(observed(destinations=stopped(cause, **details)), SITE)
    assert case["why"] == why
    assert case["side"] == ANSWERING[Cause(cause)].side


@pytest.mark.parametrize(
    ("details", "why"),
    [
        ({"error": "expired_token"}, ": the token of /run/token has ended."),
        ({"error": "expired_token", "changed_at": str(NOW - 9000)}, ": the token of /run/token has ended."),
        ({"error": "invalid_token", "changed_at": str(NOW - 9000)}, "; /run/token was changed 2 h ago."),
        ({"changed_at": str(NOW - 9000)}, "; /run/token was changed 2 h ago."),
        ({}, "."),
    ],
)
def test_token_is_refused(details: dict[str, str], why: str) -> None:
    """That a token has ended is said only where the store says it; its file is named in any case."""
    found = stopped("credentials_refused", status="401", path="/run/token", **details)
    (case,) = cases_of(observed(destinations=found), SITE)
    assert case["why"] == f"image-store refuses our credentials (HTTP 401){why}"
    assert case["now"].startswith("Renew /run/token. ")


@pytest.mark.parametrize("cause", SENTENCES)
def test_without_details(cause: str) -> None:
    """Without any detail the sentence is whole."""
    (case,) = cases_of(observed(destinations=stopped(cause)), SITE)
    assert "?" not in case["why"] + case["now"]


def test_quota_is_no_stop() -> None:
    """A destination that takes fewer messages than come is slow, not stopped."""
    (case,) = cases_of(observed(destinations=stopped("too_many_requests")), SITE)
    assert (case["state"], case["level"]) == ("slow", "amber")
    assert case["title"] == "image-store takes fewer messages than come"
