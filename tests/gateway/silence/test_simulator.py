"""How often peers of five kinds are marked although nothing is wrong, and how soon their end is noticed."""

import pytest

from tests.gateway.silence.simulator import KINDS, Found, watch

FALSE_MARKS, FALSE_ALERTS, ER_ALERTS = 0.3, 0.1, 0.2
"""The most per peer and week."""
SOON = {"HIS": 60, "CT": 12 * 60, "MR": 36 * 60, "ER": 12 * 60, "nightly batch": 36 * 60}
"""Minutes within which the end of a peer is marked, in the median."""


def hold(kind: str, found: Found) -> None:
    """Check the figures of a kind."""
    print(found.sentence(kind))  # noqa: T201  `pytest -s` shows the figures that docs/silence.md has
    assert found.marks <= FALSE_MARKS * found.weeks
    assert found.alerts <= (ER_ALERTS if kind == "ER" else FALSE_ALERTS) * found.weeks
    assert found.median <= SOON[kind]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_with_the_holidays_in_the_calendar(kind: str) -> None:
    """Peers that are learnt for six weeks, with an outage of nine hours in them, and judged for fourteen."""
    hold(kind, watch(kind, range(3 if kind == "HIS" else 6)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_peers(kind: str) -> None:
    """The same with more peers."""
    hold(kind, watch(kind, range(100, 110 if kind == "HIS" else 140)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "MR"])
def test_holidays_that_nobody_has_entered(kind: str) -> None:
    """Only a peer that rests on holidays, such as the MR, needs them in the calendar."""
    hold(kind, watch(kind, range(200, 210 if kind == "HIS" else 240), has_calendar=False))


def test_the_same_seed() -> None:
    """Everything follows from the seed."""
    assert watch("nightly batch", range(2)) == watch("nightly batch", range(2))


def test_deaf_is_found_out() -> None:
    """The figures tell when peers are marked too often, or too late."""
    with pytest.raises(AssertionError):
        hold("HIS", Found(weeks=10, marks=4, until_mark=[1.0]))
    with pytest.raises(AssertionError):
        hold("HIS", Found(weeks=10, until_mark=[100.0]))
