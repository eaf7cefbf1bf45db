"""Elements at a path."""

from gateway.sandbox.fhir.definitions.parameters import ElementPath, Step
from gateway.sandbox.fhir.search.walking import elements_at

PERSON = {"name": [{"given": ["A", None, "B"]}, {"given": ["C"]}], "telecom": [{"system": "x", "value": "1"}, {}]}


def test_flat() -> None:
    """Lists within lists are flattened, the places of nulls are skipped."""
    assert list(elements_at(PERSON, ElementPath((Step("name"), Step("given")), "string"))) == ["A", "B", "C"]


def test_choose() -> None:
    """A condition chooses, an index takes the first, and what is not there is nothing."""
    chosen = ElementPath((Step("telecom", "system", "x"), Step("value")), "string")
    assert list(elements_at(PERSON, chosen)) == ["1"]
    assert list(elements_at(PERSON, ElementPath((Step("name", first=True), Step("given")), "string"))) == ["A", "B"]
    assert list(elements_at(PERSON, ElementPath((Step("spam"), Step("given")), "string"))) == []
