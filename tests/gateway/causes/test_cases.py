"""All cases together: their order, and that each is there once."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.causes.cases import cases_of
from gateway.causes.rows import LEVELS
from gateway.contract.causes import Cause
from gateway.contract.observed import Observed
from tests.gateway.causes.observations import (
    NOW,
    SITE,
    certificate,
    destination,
    failing,
    notice,
    observed,
    peer,
    refusal,
    silence,
)

NAMES = st.text(max_size=20)
CAUSES = st.sampled_from([each.value for each in Cause])
DETAILS = st.dictionaries(st.sampled_from(["address", "called", "ended_at", "seconds", "due", "path"]), NAMES)
AGES = st.floats(0, 10_000)


def of_destination(draw: st.DrawFn) -> object:
    """Draw a destination."""
    cause, details = draw(CAUSES), draw(DETAILS)
    fails = {**failing(cause, draw(AGES)), "details": details} if draw(st.booleans()) else None
    refusals = [refusal(draw(NAMES), cause=draw(CAUSES), details=details) for _ in range(draw(st.integers(0, 3)))]
    skew = draw(st.none() | st.floats(-1000, 1000))
    return destination(failing=fails, available=draw(st.booleans()), refusals=refusals, clock_skew=skew)


@st.composite
def anything(draw: st.DrawFn) -> Observed:
    """Draw what might have been observed, with names from the wire that may be anything."""
    peers = [
        peer(draw(NAMES), draw(NAMES), notice(draw(CAUSES), draw(AGES), 1, **draw(DETAILS)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return observed(
        destinations={name: of_destination(draw) for name in draw(st.sets(NAMES, max_size=3))},
        peers=peers,
        silence=[silence("silent", peer=draw(NAMES)) for _ in range(draw(st.integers(0, 2)))],
        certificates=[certificate(draw(st.floats(-10, 20)), draw(NAMES)) for _ in range(draw(st.integers(0, 2)))],
        parked=draw(st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(0, 9)), max_size=2)),
        troubles=draw(st.dictionaries(NAMES, NAMES, max_size=2)),
        missing_workers=draw(st.lists(st.integers(1, 4), max_size=3)),
        undelivered=draw(st.dictionaries(NAMES, st.integers(0, 9), max_size=2)),
    )


@given(anything())
def test_whatever_was_observed(seen: Observed) -> None:
    """No ID is there twice, no sentence has a gap or a control character, and the most urgent come first."""
    cases = cases_of(seen, SITE)
    assert len({each["id"] for each in cases}) == len(cases)
    order = [LEVELS.index(each["level"]) for each in cases]
    assert order == sorted(order)
    for case in cases:
        texts = [case["title"], case["why"], case["now"], case["effect"], case["proof"], case["subject"]]
        assert all(text.isprintable() for text in texts)
    assert cases == cases_of(seen, SITE), "the same was observed, so the cases are the same"


def test_ids_stay() -> None:
    """The ID of a case is the same while it lasts, whatever else changes about it."""
    before = observed(destinations={"a": destination(failing=failing("no_answer", 60, 1), available=False)})
    later = observed(at=NOW + 60, destinations={"a": destination(failing=failing("no_answer", 60, 9), available=False)})
    assert [each["id"] for each in cases_of(before, SITE)] == [each["id"] for each in cases_of(later, SITE)]


def test_order() -> None:
    """What is stopped comes first, then what needs somebody; of the same sort, what has lasted longest."""
    seen = observed(
        destinations={
            "new": destination(failing=failing("no_answer", 60), available=False),
            "old": destination(failing=failing("no_answer", 600), available=False),
        },
        certificates=[certificate(9)],
        peers=[peer("MR3", "modalities", notice("framing"))],
    )
    assert [each["subject"] for each in cases_of(seen, SITE)] == ["old", "new", "MR3", "listeners.lab.tls"]
