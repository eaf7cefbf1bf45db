"""How each state is shown."""

import pytest

from gateway.screen.assets import FOLDER
from gateway.screen.states import ICONS, LOOKS, SHAPES, TONES, look_of

CASES = ("stopped", "rejected", "silent", "slow", "parked", "ends_soon", "paused", "warned")
"""As in gateway.contract.observed."""


@pytest.mark.parametrize("state", CASES)
def test_every_state_has_a_look(state: str) -> None:
    """Each state of a case has a word of its own."""
    assert state in LOOKS
    assert look_of(state).shape in SHAPES.values()


def test_words_differ() -> None:
    """No two states have the same word, and no two tones the same shape: colour is never needed."""
    assert len({each.word for each in LOOKS.values()}) == len(LOOKS)
    assert len(set(SHAPES.values())) == len(SHAPES)


def test_unknown_state() -> None:
    """A state without a row is shown as it is called, as something to look at, or in the tone of its level."""
    assert ("warn", "Very odd") == (look_of("very_odd").tone, look_of("very_odd").word)
    assert "stop" == look_of("very_odd", "red").tone
    assert "warn" == look_of("very_odd", "purple").tone


def test_icons() -> None:
    """Each level has an icon."""
    assert set(ICONS) == set(TONES) == {"red", "amber", "blue", "green"}
    assert all((FOLDER / each).exists() for each in ICONS.values())
