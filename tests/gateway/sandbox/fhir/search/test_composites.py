"""Composites within one element."""

import sqlite3

import pytest

from gateway.sandbox.fhir.bodies import write_json
from gateway.sandbox.fhir.definitions.parameters import find_parameter
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.search.composites import composite_matcher
from tests.gateway.sandbox.fhir.search.data import pressure


def test_same_element(connection: sqlite3.Connection) -> None:
    """Both components match in the same element, not in two."""
    parameter = find_parameter("Observation", "component-code-value-quantity")
    assert parameter is not None
    body = write_json(pressure("o", "p", 150, 80))
    assert composite_matcher(connection, parameter, "8480-6$150")(body) == 1
    assert composite_matcher(connection, parameter, "8480-6$80")(body) == 0
    with pytest.raises(FhirError):
        composite_matcher(connection, parameter, "8480-6$80$1")
