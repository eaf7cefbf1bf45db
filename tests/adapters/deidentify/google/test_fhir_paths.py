"""Paths of FHIR fields. What is done by them is in test_fhir.py."""

import pytest

from adapters.deidentify.fhir.structure import elements_of
from adapters.deidentify.google.config import FieldMetadata
from adapters.deidentify.google.fhir_paths import FieldRules, Step, rules_of, step_of, step_of_resource


def trail(resource: str, *names: str) -> tuple[list[Step], list[str]]:
    """Return the levels of a field, and their types."""
    steps, kinds = [step_of_resource(resource)], [resource]
    for name in names:
        element = (elements_of(kinds[-1]) or {})[name]
        steps.append(step_of(element))
        kinds.append(element.kind)
    return steps, kinds


def rules(*paths: str) -> FieldRules:
    """Return rules that transform what the paths match."""
    return rules_of([FieldMetadata(paths=paths, action="TRANSFORM")])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("Patient", "Patient.gender"),
        ("Patient.gender", "Patient.gender"),
        ("AdministrativeGenderCode", "Patient.gender"),
        ("Code", "Patient.gender"),
        ("LanguageCode", "Patient.language"),
        ("Patient.Id", "Patient.id"),
        ("Id", "Patient.id"),
        ("HumanName.given", "Patient.name.given"),
        ("HumanName", "Patient.contact.name.given"),
        ("Patient.contact.HumanName", "Patient.contact.name.given"),
        ("Patient.Contact.name", "Patient.contact.name.family"),
        ("Deceased.Boolean", "Patient.deceasedBoolean"),
        ("deceased.boolean", "Patient.deceasedBoolean"),
        ("Patient.deceasedBoolean", "Patient.deceasedBoolean"),
        ("Condition.Onset.Age.unit", "Condition.onsetAge.unit"),
        ("Age.unit", "Condition.onsetAge.unit"),
        ("Uri", "Patient.identifier.system"),
        ("Canonical", "PlanDefinition.library"),
        ("Uri", "PlanDefinition.library"),
        ("Xhtml", "Patient.text.div"),
        ("PositiveInt", "Patient.telecom.rank"),
        ("Instant", "Patient.meta.lastUpdated"),
    ],
)
def test_matches(path: str, field: str) -> None:
    """Fields by names, by types, and by a part of their path."""
    resource, *names = field.split(".")
    assert rules(path).action(*trail(resource, *names)) == "TRANSFORM"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("Practitioner.name", "Patient.name.family"),
        ("Patient.address.city", "Patient.address.line"),
        ("Date", "Patient.deceasedDateTime"),
        ("String", "Patient.gender"),
        ("Deceased.Boolean", "Patient.deceasedDateTime"),
        ("address.city", "Patient.birthDate"),
        ("Patient.contact.address", "Patient.address.city"),
    ],
)
def test_does_not_match(path: str, field: str) -> None:
    """Other fields."""
    resource, *names = field.split(".")
    assert rules(path).action(*trail(resource, *names)) is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "Patient.nmae",
        "patient.name",
        "Foo.bar",
        "Patient..name",
        "$this",
        "Name.given",
        "extension." * 9999 + "url",
    ],
)
def test_unknown(path: str) -> None:
    """A path that matches nothing would do nothing, so it is a mistake."""
    with pytest.raises(ValueError, match=r"fhir.fieldMetadataList\[0\].paths\[1\]: matches no field of FHIR R4"):
        rules("Patient.name", path)


def test_no_path() -> None:
    """An entry without a path is a mistake, too."""
    with pytest.raises(ValueError, match=r"fhir.fieldMetadataList\[0\].paths: names no field"):
        rules()


def test_no_action() -> None:
    """An entry without an action leaves its fields as they are."""
    found = rules_of([FieldMetadata(paths=("Patient.gender",))])
    assert found.action(*trail("Patient", "gender")) == "ACTION_UNSPECIFIED"
