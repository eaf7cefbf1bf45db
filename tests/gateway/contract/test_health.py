"""A destination that measures its exchanges is known by its method."""

from gateway.contract.health import UNMEASURED, Health, Measured


class Quiet:
    """A destination that measures nothing."""


class Watched:
    """A destination that measures."""

    def health(self) -> Health:
        """Return what was measured."""
        return Health(clock_skew=1.5)


def test_only_those_that_measure_are_asked() -> None:
    """A kind of destination without the method is not asked."""
    assert isinstance(Watched(), Measured)
    assert not isinstance(Quiet(), Measured)


def test_nothing_is_known_before_the_first_exchange() -> None:
    """Neither phases nor a clock are made up."""
    assert (UNMEASURED.phases, UNMEASURED.clock_skew) == (None, None)
