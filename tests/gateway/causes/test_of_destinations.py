"""Cases of destinations: failures, refusals, poison, slowness, clocks."""

from typing import Any

import pytest

from gateway.causes.cases import cases_of
from gateway.causes.of_destinations import class_reasons
from gateway.contract.observed import Phases
from tests.gateway.causes.observations import NOW, SITE, destination, failing, observed, peer, refusal, stopped


def of(name: str = "image-store", **parts: Any) -> list[dict[str, Any]]:
    """Return the cases of one destination."""
    return [dict(each) for each in cases_of(observed(destinations={name: destination(**parts)}), SITE)]


def test_proof() -> None:
    """The proof has the reason, the number of tries and when the next one is."""
    (case,) = cases_of(observed(destinations=stopped("connection_refused")), SITE)
    assert case["proof"] == "it fails; 37 tries failed; next try in 12 s"
    assert case["since"] == NOW - 840


def test_effect_of_commit_mode() -> None:
    """What waits is safe, its senders are told success."""
    seen = observed(destinations=stopped("connection_refused"), peers=[peer("CT1"), peer("MR1", last_message=NOW - 5)])
    (case,) = cases_of(seen, SITE)
    assert case["effect"] == "412 instances wait here, safe. MR1 and CT1 are told success."


def test_effect_of_relay_mode() -> None:
    """Nothing waits, its senders are told failure; there is nothing to retry."""
    seen = observed(destinations=stopped("connection_refused", "hl7-store", 0), peers=[peer("HIS", "lab")])
    (case,) = cases_of(seen, SITE)
    assert case["title"] == "Messages do not reach hl7-store"
    assert case["effect"] == "HIS is told failure and may send again; nothing waits here."
    assert [each["name"] for each in case["verbs"]] == ["show"]


@pytest.mark.parametrize(("age", "available", "cases"), [(1.0, True, 0), (4.0, True, 1), (1.0, False, 1)])
def test_sure(age: float, available: bool, cases: int) -> None:
    """One failure is no case at once: a success may follow."""
    assert len(of(failing=failing("no_answer", age), available=available)) == cases


def test_cause_of_another_version() -> None:
    """A cause that this version does not know, as of another worker, is told as unknown."""
    (case,) = of(failing=failing("gremlins"), available=False)
    assert (case["cause"], case["why"]) == ("unknown", "Deliveries fail: it fails.")


def test_class_refused() -> None:
    """One class that is refused is one case, and its parked messages are part of it."""
    seen = observed(
        destinations={"image-store": destination(refusals=[refusal()], parked=12)},
        parked={"image-store": {"the store does not take this SOP class": 12, "another reason": 1}},
    )
    first, second = cases_of(seen, SITE)
    assert {first["cause"], second["cause"]} == {"class_refused", "parked"}
    refused, parked = (first, second) if first["cause"] == "class_refused" else (second, first)
    assert refused["title"] == "image-store takes no 1.2.840.10008.5.1.4.1.1.130"
    assert refused["effect"] == "12 instances are parked here, safe."
    assert parked["title"] == "1 instance for image-store parked"
    assert class_reasons("image-store", seen) == {"the store does not take this SOP class"}


@pytest.mark.parametrize(
    ("parts", "cases"),
    [
        ({}, 1),
        ({"last": NOW - 600}, 0),
        ({"cause": "message_refused", "count": 2}, 0),
        ({"cause": "message_refused", "count": 3}, 1),
    ],
)
def test_refusals(parts: dict[str, Any], cases: int) -> None:
    """A class that is refused is a case at once; other refusals only if they go on, and as long as they do."""
    assert len(of(refusals=[refusal(**parts)])) == cases


def test_two_refusals_are_two_cases() -> None:
    """Each class has its own case, with its own ID."""
    cases = of(refusals=[refusal(), refusal("1.2.3")])
    assert len({each["id"] for each in cases}) == 2


def test_poison() -> None:
    """A message that fails alone is told with how many have passed."""
    (case,) = of(poison={"7f00": 5, "7f01": 1}, passed_since=412, poison_since=NOW - 60)
    assert case["why"] == "Message 7f00 has failed 5 times; 412 have passed since it failed first."
    assert case["proof"] == "1 message fails while others pass"
    assert case["since"] == NOW - 60


@pytest.mark.parametrize("parts", [{"poison": {"7f": 2}, "passed_since": 9}, {"poison": {"7f": 9}, "passed_since": 0}])
def test_no_poison(parts: dict[str, Any]) -> None:
    """A message that was tried twice, or while nothing else passed, is no case."""
    assert of(**parts) == []


def test_failing_explains_poison() -> None:
    """While the destination fails, no single message is blamed."""
    seen = destination(available=False, failing=failing("no_answer"), poison={"7f": 9}, passed_since=3)
    (case,) = cases_of(observed(destinations={"image-store": seen}), SITE)
    assert case["cause"] == "no_answer"


def phases(connect: float = 0.01, wait: float = 14.0, usual: float = 0.2) -> Phases:
    """Return measured phases."""
    return Phases(connect=connect, wait=wait, transfer=0.1, usual_wait=usual)


@pytest.mark.parametrize(
    ("measured", "why"),
    [
        (phases(), "image-store needs 14 s to answer, usually 0.2 s; connecting takes 0.01 s."),
        (phases(usual=0.0), "image-store needs 14 s to answer; connecting takes 0.01 s."),
        (phases(usual=14.0), "image-store needs 14 s to answer; connecting takes 0.01 s."),
        (
            {**phases(wait=0.2), "newest_wait": 3.0},
            "image-store needs 3 s to answer, usually 0.2 s; connecting takes 0.01 s.",
        ),
        (phases(connect=6.0, wait=0.1), "Connecting to image-store takes 6 s: its network or its host is slow."),
    ],
)
def test_slow(measured: Phases, why: str) -> None:
    """The sentence says which part is slow."""
    (case,) = of(phases=measured)
    assert (case["state"], case["why"]) == ("slow", why)


@pytest.mark.parametrize(
    "parts",
    [
        {"phases": phases(wait=1.5)},
        {"phases": {**phases(), "newest_wait": 0.3}},
        {"phases": {**phases(connect=6.0, wait=0.1), "newest_connect": 0.0}},
        {"phases": phases(wait=5.0, usual=2.0)},
        {"phases": phases(), "last_success": NOW - 90},
        {"phases": phases(), "last_success": None},
    ],
)
def test_not_slow(parts: dict[str, Any]) -> None:
    """What is short, as usual, or was measured long ago is no case."""
    assert of(**parts) == []


@pytest.mark.parametrize(("skew", "text"), [(240.0, "ahead of"), (-240.0, "behind")])
def test_clock(skew: float, text: str) -> None:
    """One case for all destinations: most likely it is our clock."""
    both = {"image-store": destination(clock_skew=skew), "other": destination(clock_skew=skew - 1)}
    (case,) = cases_of(observed(destinations=both), SITE)
    assert case["why"] == f"Our clock is 4 min {text} that of image-store and other."
    assert (case["side"], case["level"]) == ("here", "amber")


def test_clock_within_bounds() -> None:
    """A minute is nothing."""
    assert of(clock_skew=59.0) == []
