"""Whether the earlier routes leave a message for a route."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.patterns import is_match
from gateway.config.reachability import Wanted, covering, covers

ADT, ORU = {"type": ["ADT*"]}, {"type": ["ORU*"]}
CASES: dict[str, tuple[Wanted, list[Wanted], list[int]]] = {
    "none before": ({}, [], []),
    "behind one for everything": (ADT, [{}], [0]),
    "everything behind another": ({}, [ADT], []),
    "the same": (ADT, [ADT], [0]),
    "another value": (ADT, [ORU], []),
    "the wider one is not the first": (ADT, [ORU, {"type": ["A*"]}], [1]),
    "several patterns": ({"type": ["ADT^A01", "ORU^R01"]}, [{"type": ["ORU*", "ADT*"]}], [0]),
    "one of several patterns is left": ({"type": ["ADT^A01", "MDM^T02"]}, [{"type": ["ORU*", "ADT*"]}], []),
    "the earlier asks for more": (ADT, [{"type": ["ADT*"], "sender": ["N"]}], []),
    "the later asks for more": ({"type": ["ADT*"], "sender": ["N"]}, [ADT], [0]),
    "another name": ({"sender": ["N"]}, [ADT], []),
    "any value of another name": ({"sender": ["N"]}, [{"type": ["*"]}], []),
    "any value of the same name": (ADT, [{"type": ["*"]}], [0]),
    "two together": ({"type": ["ADT*", "ORU*"]}, [ADT, ORU], [0, 1]),
    "those that do not matter are not named": (
        {"type": ["ADT*", "ORU*"]},
        [ADT, {"type": ["MDM*"]}, {"type": ["ADT^A01"]}, ORU],
        [0, 3],
    ),
    "two names, together": (
        {"a": ["1", "2"], "b": ["1", "2"]},
        [{"a": ["1"]}, {"a": ["2"], "b": ["1"]}, {"b": ["2"]}],
        [0, 1, 2],
    ),
    "two names, one corner left": ({"a": ["1", "2"], "b": ["1", "2"]}, [{"a": ["1"]}, {"a": ["2"], "b": ["1"]}], []),
    "networks": ({"peer_ip": ["10.1.0.0/16"]}, [{"peer_ip": ["10.0.0.0/8"]}], [0]),
    "addresses are no texts": ({"peer_ip": ["10.1.0.0/16"]}, [{"peer_ip": ["10.1.0.0/17"]}], []),
}


@pytest.mark.parametrize(("route", "earlier", "expected"), CASES.values(), ids=CASES)
def test_covering(route: Wanted, earlier: list[Wanted], expected: list[int]) -> None:
    """The routes that take everything are returned: a single one if it is enough, otherwise no more than are needed."""
    assert expected == covering(route, earlier)


PATTERNS = st.lists(st.text("a*", min_size=1, max_size=2), min_size=1, max_size=2)
ROUTES = st.dictionaries(st.sampled_from(["x", "y"]), PATTERNS, max_size=2)
VALUES = [None, *("".join(each) for length in range(5) for each in product("ab", repeat=length))]


def takes(route: Wanted, message: dict[str, str | None]) -> bool:
    """Whether *route* takes a message, as the router decides it."""
    return all(
        (value := message[name]) is not None and any(is_match(each, value) for each in wanted)
        for name, wanted in route.items()
    )


@settings(max_examples=60)
@given(ROUTES, st.lists(ROUTES, max_size=3))
def test_by_brute_force(route: Wanted, earlier: list[Wanted]) -> None:
    """A route is covered where no short message reaches it."""
    messages = [dict(zip("xy", values, strict=True)) for values in product(VALUES, repeat=2)]
    is_reached = any(takes(route, each) and not any(takes(other, each) for other in earlier) for each in messages)
    assert is_reached is not bool(covering(route, earlier))


def test_covers() -> None:
    """Two routes that cover one another take the same messages."""
    assert covers(ADT, {"type": ["ADT^A01"]})
    assert not covers({"type": ["ADT^A01"]}, ADT)


def test_too_many_choices() -> None:
    """Where nobody could try all choices, the route counts as one that is reached."""
    names = [f"n{number}" for number in range(14)]
    earlier: list[Wanted] = [{name: [f"a{number}*"] for name in names} for number in range(14)]
    assert [] == covering({name: ["a*"] for name in names}, earlier)
