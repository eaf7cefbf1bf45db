"""How the failures of each message are counted."""

import pytest

from gateway.contract.outlook import Outlook
from gateway.flow import trials
from gateway.flow.trials import Failure, Trials, Tries

DOUBTFUL, TEMPORARY, BUSY = Outlook.DOUBTFUL, Outlook.TEMPORARY, Outlook.BUSY
OTHERS = "others"
"""Stands for: the destination takes another message."""

STORIES: dict[str, tuple[list[tuple[str, Outlook] | str], Tries]] = {
    "doubtful once": ([("odd", DOUBTFUL)], Tries(doubtful=1)),
    "doubtful, whatever others do": ([("odd", DOUBTFUL), ("odd", DOUBTFUL)], Tries(doubtful=2)),
    "doubtful in two ways": ([("odd", DOUBTFUL), ("page", DOUBTFUL)], Tries(doubtful=2)),
    "doubtful, then down, then doubtful": ([("odd", DOUBTFUL), ("down", BUSY), ("odd", DOUBTFUL)], Tries(doubtful=2)),
    "a store that fails for all": ([("500", TEMPORARY)] * 9, Tries(own=1)),
    "one that fails alone": (
        [("500", TEMPORARY), OTHERS, ("500", TEMPORARY), OTHERS, ("500", TEMPORARY)],
        Tries(own=3),
    ),
    "others before only": ([OTHERS, OTHERS, ("500", TEMPORARY), ("500", TEMPORARY)], Tries(own=1)),
    "others once": ([("500", TEMPORARY), OTHERS, *[("500", TEMPORARY)] * 3], Tries(own=2)),
    "another reply": ([("500", TEMPORARY), OTHERS, ("500", TEMPORARY), OTHERS, ("404", TEMPORARY)], Tries(own=1)),
    "busy alone": ([("429", BUSY), OTHERS, ("429", BUSY), OTHERS, ("429", BUSY)], Tries()),
    "busy between": ([("500", TEMPORARY), OTHERS, ("429", BUSY), ("500", TEMPORARY)], Tries(own=2)),
}


@pytest.mark.parametrize(("story", "expected"), STORIES.values(), ids=STORIES)
def test_counts(story: list[tuple[str, Outlook] | str], expected: Tries) -> None:
    """Doubtful replies count in all; equal failures only with a success of others between each two."""
    counted, found = Trials(), Tries()
    for step in story:
        if isinstance(step, str):
            counted.stored(["another"])
        else:
            found = counted.failed("m", Failure(*step, attempts=0, before=None))
    assert expected == found


BEFORE = {
    "the same reply": ("odd", 3, Tries(doubtful=4)),
    "the same reply, after a night of others": ("odd", 900, Tries(doubtful=2)),
    "as many tries as it may have": ("odd", 5, Tries(doubtful=2)),
    "another reply": ("down", 3, Tries(doubtful=1)),
    "the first try": (None, 0, Tries(doubtful=1)),
}


@pytest.mark.parametrize(("before", "attempts", "expected"), BEFORE.values(), ids=BEFORE)
def test_count_goes_on_after_a_restart(before: str | None, attempts: int, expected: Tries) -> None:
    """After a restart, the count of doubtful replies starts from the attempts that the spool knows."""
    assert expected == Trials().failed("m", Failure("odd", DOUBTFUL, attempts, before))


def test_each_message_has_its_own_count() -> None:
    """A message that is stored or given up is forgotten, others are not."""
    counted, failure = Trials(), Failure("odd", DOUBTFUL, 0, None)
    for name in ("a", "b", "c"):
        counted.failed(name, failure)
    counted.stored(["a"])
    counted.forget(["b"])
    assert [1, 1, 2] == [counted.failed(name, failure).doubtful for name in ("a", "b", "c")]


def test_no_success_without_a_message() -> None:
    """A request without a stored message does not count as a success of others."""
    counted, failure = Trials(), Failure("500", TEMPORARY, 0, None)
    counted.failed("m", failure)
    counted.stored([])
    assert 1 == counted.failed("m", failure).own


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """If more messages fail than can be remembered, those that failed longest ago are forgotten."""
    monkeypatch.setattr(trials, "MOST_REMEMBERED", 2)
    counted, failure = Trials(), Failure("odd", DOUBTFUL, 0, None)
    for name in ("a", "b", "a", "c"):
        counted.failed(name, failure)
    assert [3, 1] == [counted.failed(name, failure).doubtful for name in ("a", "b")]
