"""What operators read of peers."""

import pytest

from gateway.causes.cases import cases_of
from gateway.causes.table.peers import PEERS
from gateway.contract.causes import Cause
from tests.gateway.causes.observations import SITE, notice, observed, peer

SENTENCES = {
    "called_ae_title": (
        {"called": "HILUM1"},
        "It calls AE title HILUM1; this listener is HILUM (9 times).",
        "On MR3 set the AE title to HILUM, or add HILUM1 to listeners.modalities.called_ae_titles.",
    ),
    "calling_ae_title": (
        {},
        "Its AE title is not among listeners.modalities.calling_ae_titles (9 times).",
        "If it may, add MR3 to listeners.modalities.calling_ae_titles; if not, ask whose system 10.31.4.17 is.",
    ),
    "contexts_refused": (
        {"name": "Enhanced PET", "reason": "not in sop_classes", "uid": "1.2.3"},
        "MR3 offers Enhanced PET: not in sop_classes (9 times).",
        "Add 1.2.3 to listeners.modalities.sop_classes, or switch MR3 to a class that is taken.",
    ),
    "peer_certificate": (
        {},
        "MR3 shows no certificate that modalities takes (9 times).",
        "Give MR3 a certificate of the CA in listeners.modalities.tls.client_ca_file, or add its CA there.",
    ),
    "tls_on_plain_port": (
        {},
        "MR3 begins a TLS handshake at modalities, which has no TLS (9 times).",
        "Turn TLS off on MR3, send it to a listener with TLS, or add listeners.modalities.tls.",
    ),
    "network_not_allowed": (
        {},
        "10.31.4.17 is not in listeners.modalities.allow_networks (9 times).",
        "If it may, add its network there; if not, ask whose system 10.31.4.17 is.",
    ),
    "peer_gave_up": (
        {"seconds": "10"},
        "MR3 hangs up after 10 s, before the answer came (9 times): it will send again.",
        "Raise the time-out of MR3 above listeners.modalities's `within`, or set `acknowledge: commit`.",
    ),
}
OFTEN = {"duplicates", "peer_refused_often"}
"""Cases only if they happen often."""
NO_CASES = {"several_peers", "silent"}
"""One is shown with the peer only; the other comes from the estimator."""


@pytest.mark.parametrize("cause", SENTENCES)
def test_sentences(cause: str) -> None:
    """The sentence has what was seen of the peer, and the mend says where."""
    details, why, now = SENTENCES[cause]
    (case,) = cases_of(observed(peers=[peer("MR3", "modalities", notice(cause, 10.0, 9, **details))]), SITE)
    assert (case["why"], case["now"]) == (why, now)
    assert (case["subject_kind"], case["subject"]) == ("peer", "MR3")


@pytest.mark.parametrize("cause", [each.value for each in PEERS if each.value not in OFTEN | NO_CASES])
def test_without_details(cause: str) -> None:
    """Each notice is a case, whose sentences are whole without any detail."""
    (case,) = cases_of(observed(peers=[peer("MR3", "modalities", notice(cause))]), SITE)
    assert case["cause"] == Cause(cause)
    assert "?" not in case["title"] + case["why"] + case["now"]
    assert case["side"] == PEERS[Cause(cause)].side
