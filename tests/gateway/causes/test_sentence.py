"""The one sentence, and how many messages wait."""

from typing import Any

import pytest

from gateway.causes.cases import cases_of
from gateway.causes.sentence import counts_of, sentence_of
from tests.gateway.causes.observations import SITE, certificate, destination, notice, observed, peer, stopped

DOWN = stopped("connection_refused")
TWO = [peer(name, "modalities", notice("framing")) for name in ("A", "B")]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({}, "All is as usual."),
        ({"destinations": DOWN}, "Images do not reach image-store."),
        ({"destinations": DOWN, "peers": TWO}, "Images do not reach image-store. Two peers need a look."),
        ({"destinations": DOWN, "peers": TWO[:1]}, "Images do not reach image-store. One peer needs a look."),
        (
            {"destinations": {**DOWN, **stopped("no_answer", "hl7-store", 0)}},
            "Images do not reach image-store. One more case is as urgent.",
        ),
        ({"peers": TWO}, "A sends what is no message. One peer needs a look."),
        (
            {"certificates": [certificate(9)], "missing_workers": [1, 2]},
            "The certificate of listeners.lab.tls ends in 9 days. Two more things need a look.",
        ),
    ],
)
def test_sentence(parts: dict[str, Any], sentence: str) -> None:
    """The worst case, and how many others."""
    assert sentence_of(cases_of(observed(**parts), SITE)) == sentence


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        ({}, "Nothing waits; none is lost."),
        ({"destinations": {"a": destination(waiting=1)}}, "1 waits, all safe; none is lost."),
        (
            {"destinations": {"a": destination(waiting=400)}, "undelivered": {"b": 50}, "parked": {"a": {"x": 2}}},
            "450 wait, 2 are parked, all safe; none is lost.",
        ),
        ({"parked": {"a": {"x": 1}}}, "1 is parked, all safe; none is lost."),
        ({"spools_set_aside": ["x"]}, "Nothing waits; what is in 1 damaged spool is not counted."),
    ],
)
def test_counts(parts: dict[str, Any], counts: str) -> None:
    """What waits is counted; what is in a damaged spool is not promised to be safe."""
    assert counts_of(observed(**parts)) == counts
