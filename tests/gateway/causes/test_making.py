"""One case from its cause, its subject and the facts."""

from gateway.causes.making import Found, Subject, case_of
from gateway.contract.causes import Cause

STORE = Subject("destination", "a/b", "somebody, 4411")


def test_ids() -> None:
    """The ID tells apart state, cause, subject and key; neither time nor facts."""
    found = [
        Found(Cause.NO_ANSWER, STORE, 1.0),
        Found(Cause.NO_ANSWER, STORE, 2.0, {"seconds": "3"}),
        Found(Cause.STORE_FAILED, STORE, 1.0),
        Found(Cause.NO_ANSWER, Subject("destination", "c"), 1.0),
        Found(Cause.NO_ANSWER, Subject("peer", "a/b"), 1.0),
        Found(Cause.NO_ANSWER, STORE, 1.0, key="x"),
    ]
    ids = [case_of(each)["id"] for each in found]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 5


def test_verbs() -> None:
    """Names are quoted in links; where nothing is held, there is nothing to retry."""
    case = case_of(Found(Cause.NO_ANSWER, STORE, 1.0))
    assert [each["target"] for each in case["verbs"]] == [
        {"link": "/destinations/a%2Fb"},
        {"destination": "a/b", "state": "waiting"},
    ]
    alone = case_of(Found(Cause.NO_ANSWER, STORE, 1.0, is_held=False))
    assert [each["name"] for each in alone["verbs"]] == ["show"]


def test_replaced() -> None:
    """A level and an effect of the case replace those of the row."""
    case = case_of(Found(Cause.NO_ANSWER, STORE, 1.0, level="blue", effect="None."))
    assert (case["level"], case["effect"], case["contact"]) == ("blue", "None.", "somebody, 4411")
