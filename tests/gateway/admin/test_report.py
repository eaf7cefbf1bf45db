"""The body of /readyz."""

from typing import Any

import pytest

from gateway.admin.report import report_of_process, report_of_workers

LISTENERS = {"adt": {"port": 2575}}


def one(state: str = "ready", said: str = "reachable", trouble: str = "", gone: int = 0) -> dict[str, Any]:
    """Return the report of one worker."""
    troubles = {"spool space": trouble} if trouble else {}
    undelivered = {"gone": {"messages": gone, "mend": "move"}} if gone else {}
    return report_of_process(state, LISTENERS, {"store": said}, troubles, ["b", "a"], undelivered)


def test_one_shape() -> None:
    """The keys are the same for any ``workers`` and any state."""
    expected = ["state", "listeners", "destinations", "troubles", "spools_set_aside", "undelivered"]
    expected += ["missing_workers", "workers"]
    single, several = one(), report_of_workers({1: one(), 2: "not running"}, ready=False)
    assert [expected, expected] == [list(single), list(several)]
    assert [each.keys() for each in single["workers"]] * 2 == [each.keys() for each in several["workers"]]  # type: ignore[attr-defined]


def test_one_worker_is_all_of_it() -> None:
    """With one worker, the combined report is that worker's report."""
    assert one() == report_of_workers({1: one()}, ready=True)


STATES = {
    "all ready": ({1: one(), 2: one()}, True, "ready"),
    "one is not": ({1: one(), 2: one("starting")}, False, "not ready"),
    "all drain": ({1: one("draining"), 2: one("draining")}, False, "draining"),
    "one is missing": ({1: one("draining"), 2: "not running"}, False, "not ready"),
    "all are missing": ({1: "not running", 2: "not running"}, False, "not ready"),
}


@pytest.mark.parametrize(("answers", "ready", "state"), STATES.values(), ids=STATES)
def test_state(answers: dict[int, Any], ready: bool, state: str) -> None:
    """The gateway has a state when all workers have that state."""
    assert state == report_of_workers(answers, ready=ready)["state"]


def test_what_workers_say_together() -> None:
    """One worker that cannot reach a destination counts; messages are added up; troubles are kept by worker."""
    first, second = one(gone=2), one("not ready", "connection refused", "disk", gone=3)
    whole = report_of_workers({1: first, 2: second, 3: "does not answer"}, ready=False)
    assert {
        "state": "not ready",
        "listeners": LISTENERS,
        "destinations": {"store": "connection refused"},
        "troubles": {"spool space": "disk"},
        "spools_set_aside": ["a", "b"],
        "undelivered": {"gone": {"messages": 5, "mend": "move"}},
        "missing_workers": [3],
        "workers": [
            {"worker": 1, "state": "ready", "troubles": {}},
            {"worker": 2, "state": "not ready", "troubles": {"spool space": "disk"}},
            {"worker": 3, "state": "does not answer", "troubles": {}},
        ],
    } == whole
