"""What operators read when a destination cannot be reached."""

import pytest

from gateway.causes.cases import cases_of
from tests.gateway.causes.observations import SITE, observed, stopped

AFTERWARDS = "Hilum delivers by itself when it works again."
SENTENCES = [
    (
        "connection_refused",
        {"address": "10.20.0.8:8042"},
        "Nothing listens at 10.20.0.8:8042: its host answers, the service is down.",
        "store",
        "Start the service of image-store, or call its owner. {afterwards}",
    ),
    (
        "no_connection",
        {"address": "10.20.0.8:8042", "seconds": "5"},
        "No answer from 10.20.0.8:8042 for 5 s: a firewall drops what is sent, or the host is off.",
        "network",
        "Call the network's owner; ask whether the host of image-store is on. {afterwards}",
    ),
    (
        "no_route_to_host",
        {"address": "10.20.0.8:8042"},
        "The network says that there is no way to 10.20.0.8:8042: a cable, a router or an interface is down.",
        "network",
        "Call the network's owner. {afterwards}",
    ),
    (
        "name_unknown",
        {"name": "pacs.example"},
        "DNS has no address for pacs.example.",
        "network",
        (
            "Check the name in destinations.image-store.url for a typing error; if it is right, call the owner of DNS. "
            "{afterwards}"
        ),
    ),
    (
        "name_unknown",
        {"name": "pacs.example", "code": "EAI_AGAIN"},
        "DNS does not answer when it is asked for pacs.example.",
        "network",
        "Call the owner of DNS, or of the network to it; this machine cannot look up pacs.example. {afterwards}",
    ),
    (
        "proxy_failed",
        {"proxy": "proxy.example:3128"},
        "The proxy proxy.example:3128 does not connect Hilum to it.",
        "network",
        "Call the owner of the proxy, or check destinations.image-store.proxy. {afterwards}",
    ),
]


@pytest.mark.parametrize(("cause", "details", "why", "side", "now"), SENTENCES, ids=[each[0] for each in SENTENCES])
def test_sentences(cause: str, details: dict[str, str], why: str, side: str, now: str) -> None:
    """The sentence has what was seen, the side and the mend."""
    (case,) = cases_of(observed(destinations=stopped(cause, **details)), SITE)
    assert (case["title"], case["state"], case["level"]) == ("Images do not reach image-store", "stopped", "red")
    assert (case["why"], case["side"], case["now"]) == (why, side, now.format(afterwards=AFTERWARDS))
    assert case["contact"] == "PACS on-call, 4411"


@pytest.mark.parametrize("cause", [each[0] for each in SENTENCES])
def test_without_details(cause: str) -> None:
    """Without any detail the sentence is whole."""
    (case,) = cases_of(observed(destinations=stopped(cause)), SITE)
    assert "?" not in case["why"] + case["now"]
    assert "{" not in case["why"] + case["now"]
