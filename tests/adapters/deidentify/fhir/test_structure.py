"""The definitions of R4: elements, their types, which must be there, and which codes they may have."""

import pytest

from adapters.deidentify.fhir.structure import elements_of, is_resource, required_of, resources


def test_resources() -> None:
    """All 146 types of R4 are known; abstract types and others are none (R4 valueset-resource-types.html)."""
    assert len(resources()) == 146
    assert {"Patient", "Bundle", "VisionPrescription"} < set(resources())
    for kind in ("", "patient", "HumanName", "Patient.contact", "Resource", "DomainResource", "string", "Foo"):
        assert not is_resource(kind)


def test_primitive() -> None:
    """A primitive datatype has no elements, nor has an unknown one."""
    assert elements_of("string") is None
    assert elements_of("Nobody") is None


def test_element() -> None:
    """An element tells its type, its path, and how often it may be there."""
    found = elements_of("Patient")
    assert found
    name, birth = found["name"], found["birthDate"]
    assert (name.path, name.kind, name.repeats, name.required) == ("Patient.name", "HumanName", True, False)
    assert (birth.path, birth.kind, birth.repeats) == ("Patient.birthDate", "date", False)
    assert found["contact"].kind == "Patient.contact"
    assert "contained" in found
    assert "resourceType" not in found


def test_choice() -> None:
    """A choice has one name for each of its types, all of one path."""
    found = elements_of("Observation")
    assert found
    values = {each.name: each.kind for each in found.values() if each.path == "Observation.value[x]"}
    assert len(values) == 11
    assert values["valueQuantity"] == "Quantity"
    assert values["valueDateTime"] == "dateTime"
    assert "value[x]" not in found


def test_nested() -> None:
    """A nested element has its own elements, and those that every one has; one that refers to another has those."""
    component = elements_of("Observation.component")
    assert component
    assert {"code", "valueString", "id", "extension", "modifierExtension"} <= component.keys()
    item = elements_of("Questionnaire.item")
    assert item
    assert item["item"].kind == "Questionnaire.item"


def test_codes() -> None:
    """Codes of a required binding are known; where any code may stand, none are."""
    patient, coding = elements_of("Patient"), elements_of("Coding")
    assert patient
    assert coding
    assert patient["gender"].codes == frozenset({"male", "female", "other", "unknown"})
    assert coding["code"].codes is None
    assert patient["birthDate"].codes is None


def test_required() -> None:
    """What must be there is known by its path, with all the names of a choice."""
    assert required_of("Observation") == {"Observation.status": ("status",), "Observation.code": ("code",)}
    assert set(required_of("Bundle")) == {"Bundle.type"}
    assert len(required_of("MedicationRequest")["MedicationRequest.medication[x]"]) == 2
    assert required_of("string") == {}


@pytest.mark.parametrize("kind", ["Extension", "Reference", "Identifier", "Meta", "Bundle.entry"])
def test_every_type_is_known(kind: str) -> None:
    """Whatever an element is made of is a primitive type or is known itself."""
    primitive = {
        "base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer",
        "markdown", "oid", "positiveInt", "string", "String", "time", "unsignedInt", "uri", "url", "uuid", "xhtml",
        "Resource",
    }  # fmt: skip
    for each in (elements_of(kind) or {}).values():
        assert each.kind in primitive or elements_of(each.kind) is not None, each
