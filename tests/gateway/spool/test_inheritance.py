"""What a worker takes over, and tells of it."""

from gateway.spool.inheritance import NOBODY, Estate, Inheritance


def test_without_spools_there_is_nothing_to_look_for() -> None:
    """In relay mode a successor answers at once, so that it gets the peers."""
    told: list[Estate] = []
    Inheritance(tell=told.append).inherit(frozenset({1}))
    assert [Estate(frozenset({1}))] == told


def test_spools_are_looked_for_first() -> None:
    """With spools nothing is answered until they have been looked for; what does not change is told once."""
    told: list[Estate] = []
    looks: list[int] = []
    inheritance = Inheritance(tell=told.append, look=lambda: looks.append(1))
    inheritance.inherit(frozenset({1}))
    assert ([1], []) == (looks, told)
    for _ in range(2):
        inheritance.report(Estate(inheritance.numbers, NOBODY))
    assert [Estate(frozenset({1}))] == told
