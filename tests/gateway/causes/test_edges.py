"""Cases begin once and end once."""

from gateway.causes.cases import cases_of
from gateway.causes.edges import Beginnings, Edges
from tests.gateway.causes.observations import NOW, SITE, destination, observed, stopped

DOWN = cases_of(observed(destinations=stopped("no_answer")), SITE)


def test_edges() -> None:
    """However often one looks, a case begins once, ends once, and may begin again."""
    edges = Edges()
    assert edges.look([]) == ([], [])
    assert edges.look(DOWN) == (DOWN, [])
    assert edges.look(DOWN) == ([], [])
    assert edges.look([]) == ([], DOWN)
    assert edges.look([]) == ([], [])
    assert edges.look(DOWN) == (DOWN, [])


def test_beginnings() -> None:
    """A case whose beginning nobody has seen keeps the time of its first look; after its end it is forgotten."""
    beginnings = Beginnings()
    for at, since in ((NOW, NOW), (NOW + 60, NOW), (NOW + 120, NOW)):
        (case,) = cases_of(observed(at=at, destinations={"a": destination(clock_skew=240.0)}), SITE)
        beginnings.keep([case])
        assert case["since"] == since
    beginnings.keep([])
    (case,) = cases_of(observed(at=NOW + 180, destinations={"a": destination(clock_skew=240.0)}), SITE)
    beginnings.keep([case])
    assert case["since"] == NOW + 180
