"""The table of search parameters."""

from gateway.sandbox.fhir.definitions.parameters import ElementPath, Step, find_parameter, parameters


def test_complete() -> None:
    """It has every pair of type and parameter that R4 gives an expression, but for types that R4 cannot store."""
    assert sum(map(len, parameters().values())) == 2582
    assert len(parameters()) == 147


def paths(resource_type: str, code: str) -> tuple[ElementPath, ...]:
    """Return the paths of a parameter."""
    parameter = find_parameter(resource_type, code)
    assert parameter is not None
    return parameter.paths


def test_shapes() -> None:
    """Choices, conditions, the type of a reference and an index are compiled."""
    assert [path.steps[0].name for path in paths("Observation", "value-date")] == ["valueDateTime", "valuePeriod"]
    assert paths("Patient", "email")[0].steps == (Step("telecom", "system", "email"),)
    assert paths("Observation", "patient")[0].target == "Patient"
    assert paths("Bundle", "message")[0].steps[0] == Step("entry", first=True)
    assert [path.datatype for path in paths("Patient", "deceased")] == ["exists", "exists"]


def test_components() -> None:
    """A composite has its components with paths within its element, or from the resource."""
    pair = find_parameter("Observation", "component-code-value-quantity")
    assert pair is not None
    assert [(each.code, each.kind) for each in pair.components] == [
        ("component-code", "token"),
        ("component-value-quantity", "quantity"),
    ]
    window = find_parameter("MolecularSequence", "chromosome-variant-coordinate")
    assert window is not None
    assert window.components[0].paths[0].whole


def test_targets() -> None:
    """A reference knows the types it points to; nothing is known of what R4 does not define."""
    parameter = find_parameter("DiagnosticReport", "based-on")
    assert parameter is not None
    assert "ServiceRequest" in parameter.targets
    assert find_parameter("Patient", "spam") is None
    assert find_parameter("Spam", "name") is None
