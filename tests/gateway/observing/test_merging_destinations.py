"""One destination, as all workers together see it."""

from gateway.contract.observed import Phases
from gateway.observing.merging_destinations import destination as merge
from tests.gateway.causes.observations import NOW, destination, failing, refusal

OLD, NEW = failing("no_answer", 600, 3), failing("connection_refused", 60, 2)


def test_all_fail() -> None:
    """If all fail, it has failed since the first failure of any, with the cause of the last."""
    new = {**NEW, "last": NOW - 1}
    seen = merge(
        [
            destination(failing=OLD, available=False, last_success=NOW - 700, next_try=NOW + 9),
            destination(failing=new, available=False, last_success=None, next_try=NOW + 3),
        ]
    )
    assert seen["failing"] == {**new, "since": NOW - 600, "count": 5}
    assert (seen["available"], seen["next_try"], seen["last_success"]) == (False, NOW + 3, NOW - 700)


def test_another_worker_has_succeeded_since() -> None:
    """A destination that takes a message of one worker works, whatever another worker has seen before."""
    seen = merge([destination(failing=OLD, available=False), destination(last_success=NOW - 1)])
    assert (seen["failing"], seen["available"], seen["next_try"]) == (None, True, None)


def test_one_fails_and_the_other_is_idle() -> None:
    """A worker that has sent nothing lately does not say that it works."""
    seen = merge([destination(failing=OLD, available=False, last_success=None), destination(last_success=NOW - 900)])
    assert seen["failing"] is not None
    assert seen["available"] is False


def test_counts() -> None:
    """What waits, is parked, was delivered or refused is added up; the phases are those of who delivered last."""
    fast, slow = (Phases(connect=1, wait=wait, transfer=1, usual_wait=1) for wait in (1.0, 9.0))
    refused = {"1.2/C122": 2}
    one = destination(
        waiting=1, parked=2, oldest=NOW - 5, delivered=3, phases=fast, last_success=NOW - 50, poison={"a": 3},
        refused=refused, refusals=[refusal(count=2)], passed_since=1, poison_since=NOW - 3, parked_since=NOW - 9,
    )  # fmt: skip
    two = destination(
        waiting=4, parked=1, oldest=NOW - 50, delivered=6, phases=slow, last_success=NOW - 1, clock_skew=3.0,
        poison={"b": 4}, refused=refused, refusals=[refusal(count=5, last=NOW - 1, first=NOW - 900)],
    )  # fmt: skip
    seen = merge([one, two])
    assert (seen["waiting"], seen["parked"], seen["delivered"], seen["oldest"]) == (5, 3, 9, NOW - 50)
    assert (seen["phases"], seen["clock_skew"]) == (slow, 3.0)
    assert (seen["poison"], seen["passed_since"], seen["poison_since"]) == ({"a": 3, "b": 4}, 1, NOW - 3)
    assert (seen["refused"], seen["parked_since"]) == ({"1.2/C122": 4}, NOW - 9)
    (merged_refusal,) = seen["refusals"]
    assert (merged_refusal["count"], merged_refusal["first"], merged_refusal["last"]) == (7, NOW - 900, NOW - 1)
