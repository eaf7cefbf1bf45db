"""Whole bundles of messages: what the converter makes of them is what it made when somebody last read it."""

import pytest

from tests.adapters.fhir.facts import HERE, converted, names
from tests.adapters.fhir.write_golden import text


@pytest.mark.parametrize("name", names())
def test_golden(name: str) -> None:
    """The bundle, and what is left out, is that of the file."""
    assert (HERE / "golden" / f"{name}.json").read_text("utf-8") == text(converted(name))
