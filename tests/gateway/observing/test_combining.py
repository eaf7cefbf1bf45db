"""Mappings, lists and times of several workers."""

from gateway.observing.combining import by_name, earliest, first, grouped, latest, sums


def test_mappings() -> None:
    """The first part that has a name says it; numbers are added."""
    assert first([{"a": "1"}, {"a": "2", "b": "3"}]) == {"a": "1", "b": "3"}
    assert sums([{"a": 1}, {"a": 2, "b": 3}]) == {"a": 3, "b": 3}
    assert by_name([{"a": 1}, {"a": 2, "b": 3}], max) == {"a": 2, "b": 3}


def test_lists() -> None:
    """What has the same key is merged."""
    assert grouped([["aa", "b"], ["cc"]], len, "+".join) == ["b", "aa+cc"]


def test_times() -> None:
    """Times that are not known do not count."""
    assert (latest([1.0, None, 2.0]), earliest([None, 1.0, 2.0])) == (2.0, 1.0)
    assert (latest([None]), earliest([])) == (None, None)
