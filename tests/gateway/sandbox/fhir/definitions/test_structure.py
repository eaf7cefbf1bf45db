"""The tables of elements and codes."""

from gateway.sandbox.fhir.definitions.parameters import parameters
from gateway.sandbox.fhir.definitions.structure import code_sets, elements_of, required_of


def test_every_type() -> None:
    """Every type that can be searched has elements."""
    assert [kind for kind in parameters() if not elements_of(kind)] == []
    assert len(code_sets()) == 221


def test_elements() -> None:
    """Choices, nested elements, shared content, targets and codes are read."""
    observation = elements_of("Observation")
    assert observation is not None
    assert observation["valueQuantity"].choice == observation["valueString"].choice == "value[x]"
    assert observation["component"].kind == "Observation.component"
    assert observation["subject"].targets == {"Device", "Group", "Location", "Patient"}
    assert observation["focus"].targets == frozenset()
    assert "final" in (observation["status"].codes or ())
    component = elements_of("Observation.component")
    assert component is not None
    assert component["referenceRange"].kind == "Observation.referenceRange"
    assert component["modifierExtension"].repeats


def test_primitive() -> None:
    """A primitive type has no elements; what Medplum adds to Meta is not there."""
    assert elements_of("string") is None
    assert elements_of("Spam") is None
    assert "project" not in (elements_of("Meta") or {})


def test_required() -> None:
    """What an element must have is listed once for each type; a choice counts as one element."""
    assert {"code", "status"} == required_of("Observation")
    assert {"url"} == required_of("Extension")
    assert frozenset() == required_of("string")
