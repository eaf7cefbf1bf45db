"""When lines were lost last."""

from gateway.observing.losses import Losses


def test_losses() -> None:
    """A count that grew since the last look is a loss now; one that stays is not."""
    lost = [0]
    losses = Losses({"log": lambda: lost[0]})
    assert losses.look(1.0) == ({"log": 0}, {})
    lost[0] = 3
    assert losses.look(2.0) == ({"log": 3}, {"log": 2.0})
    assert losses.look(9.0) == ({"log": 3}, {"log": 2.0})
