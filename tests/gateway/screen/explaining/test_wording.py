"""Words of explanations."""

import pytest

from gateway.screen.explaining.wording import moment, name_of, numbers, seconds, several
from tests.gateway.screen.explaining.examples import CT, EXPLICIT, IMPLICIT, NOW

NAMES = {
    CT: "CT Image Storage",
    IMPLICIT: "Implicit VR LE",
    EXPLICIT: "Explicit VR LE",
    "1.2.840.10008.1.2.2": "Explicit VR BE",
    "1.2.3.4": "1.2.3.4",
    "": "a UID that is not valid",
}


@pytest.mark.parametrize(("uid", "name"), NAMES.items())
def test_name(uid: str, name: str) -> None:
    """A UID has its name in PS3.6, short; a private one is itself."""
    assert name == name_of(uid)


def test_words() -> None:
    """Numbers, nouns and durations as people say them."""
    assert ["", "3", "3 and 5", "3, 5 and 7"] == [numbers(each) for each in ([], [3], [3, 5], [3, 5, 7])]
    assert ["0 tries", "1 try"] == [several(each, "try", "tries") for each in (0, 1)]
    assert ["2 ms", "0.21 s", "9.4 s", "14 s"] == [seconds(each) for each in (0.002, 0.21, 9.4, 14.2)]
    assert "2025-11-29T02:21:00Z" == moment(NOW)
