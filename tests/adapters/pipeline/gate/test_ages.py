"""Ages over 89."""

from typing import Any

import pytest

from adapters.pipeline.gate.ages import is_great, without_great_age

AGES: list[tuple[Any, Any]] = [
    ("089Y", "089Y"),
    ("090Y", "090Y"),
    ("091Y", "090Y"),
    ("103Y", "090Y"),
    ("999M", "999M"),
    ("012D", "012D"),
    ("104", "090Y"),
    (89, 89),
    (90, None),
    (95.5, None),
    ("old", None),
    (None, None),
    ("", ""),
]


@pytest.mark.parametrize(("given", "shown"), AGES)
def test_shown(given: Any, shown: Any) -> None:
    """All ages over 89 become one; what is no age is left out."""
    assert without_great_age("PatientAge", given) == shown
    assert is_great("PatientAge", given) == (given != shown)


def test_other_columns() -> None:
    """Other columns stay as they are."""
    assert without_great_age("StudyDescription", "103Y") == "103Y"
    assert not is_great("Rows", 512)
    assert is_great("patient_age", 95)
