"""The names of statuses."""

import pytest

from adapters.dimse.protocol.status_names import name_of

STATUSES = {
    "0000": "Success",
    "A700": "Refused: out of resources",
    "A7FF": "Refused: out of resources",
    "A900": "Error: data set does not match SOP class",
    "C123": "Error: cannot understand",
    "B000": "Warning: coercion of data elements",
    "B999": "Warning",
    "A123": "Refused",
    "0110": "Error: processing failure",
    "7777": "Unknown status",
}


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
def test_name_of(status: str, name: str) -> None:
    """A status has the standard's name, by its number or by its range."""
    assert name == name_of(status)
