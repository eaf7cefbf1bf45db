"""Results are counted, and come back from their record."""

import json

import pytest

from gateway.cli.deidentifying.results import MOST_PARTS, Result


def test_held() -> None:
    """All are counted; only the first ones are named by number."""
    result = Result()
    for number in range(MOST_PARTS + 50):
        result.hold("why", number)
    assert result.held == {"why": MOST_PARTS + 50}
    assert result.parts["why"] == list(range(MOST_PARTS))
    assert Result.of_json(json.loads(json.dumps(result.as_json()))) == result


@pytest.mark.parametrize("found", [{}, {"outcome": "written"}])
def test_none(found: dict[str, str]) -> None:
    """What is no result is an error."""
    with pytest.raises(KeyError):
        Result.of_json(found)
