"""The functions for datatypes."""

from collections.abc import Mapping

import pytest

from adapters.fhir.functions import FUNCTIONS
from tests.adapters.fhir.making import context

EMPTY: Mapping[str, object] = {"XTN": []}
"""What a function returns for nothing, if that is not None."""


@pytest.mark.parametrize("datatype", FUNCTIONS)
def test_nothing(datatype: str) -> None:
    """Each function makes nothing of nothing, and no resource."""
    there = context()
    assert EMPTY.get(datatype) == FUNCTIONS[datatype]("", there, "")
    assert [] == list(there.bundle)
