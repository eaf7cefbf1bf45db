"""The words of the interface."""

import pytest

from gateway.spool import Plan, State


def test_a_plan_names_a_destination() -> None:
    """A message for nobody would be acknowledged and lost: such a plan cannot be made."""
    with pytest.raises(ValueError, match="without a destination"):
        Plan(())


def test_states() -> None:
    """There are four states, under the names that operators and metrics use."""
    assert {"waiting", "parked", "delivered", "discarded"} == {str(state) for state in State}
