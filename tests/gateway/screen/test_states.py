"""How each state is shown."""

import pytest

from gateway.screen.assets import FOLDER
from gateway.screen.states import ICONS, LOOKS, SHAPES, TONES, chip, look_of

CASES = ("stopped", "rejected", "silent", "slow", "parked", "ends_soon", "warned")
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


def test_chip() -> None:
    """A mark is shape, word and colour, with the words escaped."""
    assert (True, True) == ('class="chip stop"' in chip("stopped"), "Stopped</span>" in chip("stopped"))
    assert 'class="chip hold"' in chip("stopped", "blue")
    assert "&lt;b&gt;</span>" in chip("<b>")
    assert "&lt;i&gt;</span>" in chip("stopped", None, "<i>")
