"""Settings of an MLLP destination."""

import pytest
from pydantic import ValidationError

from adapters.mllp.client.settings import MllpDestinationSettings

WRONG = {
    "unnamed answers on a shared connection": ({"lenient_ack": True}, "add `reuse: never`"),
    "application answers of release 2": ({"mllp_release": 2, "settles": "application"}, "no effect"),
    "an answer that is positive": ({"answers": {"AA": "park"}}, "must be like"),
    "a meaning that is none": ({"answers": {"AE": "stored"}}, "park"),
    "an HTTP key": ({"url": "http://lab"}, "Extra inputs"),
    "port 0": ({"port": 0}, "greater than or equal to 1"),
}


def settings(**more: object) -> MllpDestinationSettings:
    """Return settings."""
    return MllpDestinationSettings.model_validate({"kind": "mllp", "host": "lab", "port": 2575, **more})


@pytest.mark.parametrize(("more", "text"), WRONG.values(), ids=WRONG)
def test_wrong(more: dict[str, object], text: str) -> None:
    """Each mistake has a sentence."""
    with pytest.raises(ValidationError, match=text):
        settings(**more)


def test_issue() -> None:
    """The example of the issue is valid."""
    made = settings(connections=1, answers={"AE": "park", "AR": "retry"})
    assert {"AE": "park", "AR": "retry"} == made.answers


def test_retry_limits() -> None:
    """The keys say how often commit mode tries again, from 1 s doubling to 5 minutes."""
    limits = settings(on_park="hold_key").retry_limits
    assert (10, None, 20, 3600, 300, True) == (
        limits.max_doubtful,
        limits.max_own_failures,
        limits.max_unanswered,
        limits.unanswered_seconds,
        limits.longest_pause,
        limits.holds_key,
    )


def test_on_timeout_park() -> None:
    """A message that may be stored is then parked at the first attempt without an answer."""
    limits = settings(on_timeout="park").retry_limits
    assert (1, 0.0) == (limits.max_unanswered, limits.unanswered_seconds)


def test_limits_of_connections() -> None:
    """More messages are under way than connections, and descriptors are counted by connections."""
    assert (8, 4) == (settings(connections=4).most_at_once, settings(connections=4).most_connections)
