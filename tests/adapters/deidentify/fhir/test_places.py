"""A text in any place of any datatype of any resource does not come out."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.rules import FREE_TEXT
from adapters.deidentify.fhir.structure import elements_of
from tests.adapters.deidentify.fhir.making import kinds, planted, strings, with_patient

FOREIGN = "Foreign Marker 7 of Nowhere"
"""It names nobody whom the resource names: only the form and the datatype show that it must go."""
TYPES = """
Patient Observation DiagnosticReport ServiceRequest Encounter Condition Procedure MedicationRequest
Goal Flag MedicationAdministration MedicationDispense Immunization AllergyIntolerance
DocumentReference Specimen Media ImagingStudy Appointment Account Coverage RelatedPerson
Practitioner Organization Location Device Provenance Consent CarePlan Composition
QuestionnaireResponse FamilyMemberHistory Claim ExplanationOfBenefit Task List Communication
AuditEvent MessageHeader BodyStructure
"""
CLINICAL = TYPES.split()
HELD_BACK = frozenset(
    {
        "CapabilityStatement",
        "CodeSystem",
        "Contract",
        "CoverageEligibilityRequest",
        "CoverageEligibilityResponse",
        "ImplementationGuide",
        "SearchParameter",
        "StructureMap",
        "TerminologyCapabilities",
    }
)
"""They must have an element that cannot say why it is absent: a list of codes, or a signature."""


@cache
def places(kind: str) -> str:
    """Return a resource with FOREIGN in every place."""
    return json.dumps(planted(kind, FOREIGN))


def named(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text with the name of its element."""
    if isinstance(value, dict):
        for each, inner in value.items():
            yield from named(inner, each)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner, name)
    else:
        yield name, str(value)


def test_there_are_enough() -> None:
    """Every type of R4 but three is looked at, and there are many places in each."""
    assert len(kinds()) > 140
    assert places("Observation").count(FOREIGN) > 500


@pytest.mark.parametrize("kind", kinds())
def test_foreign_text(kind: str) -> None:
    """A text that is no value of its datatype goes, wherever it is, and so does the name of an unknown element."""
    resource = json.loads(places(kind))
    resource[FOREIGN] = 1
    if kind in HELD_BACK:
        with pytest.raises(HeldBackError, match="would be lost"):
            with_patient(resource)
    else:
        assert [] == [each for each in strings(with_patient(resource)) if "Marker" in each]


@pytest.mark.parametrize("kind", CLINICAL)
def test_foreign_free_text(kind: str) -> None:
    """Where the profile keeps free text, elements that name people and places still go."""
    made = with_patient(json.loads(places(kind)), text="known_identifiers")
    left = {name for name, text in named(made) if "Marker" in text}
    texts = {each.removesuffix("[x]") for each in FREE_TEXT}
    assert {each for each in left if each not in texts and not each.endswith("String")} == set()


@pytest.mark.parametrize("kind", CLINICAL)
def test_own_identifier(kind: str) -> None:
    """A name, a number and the birth date of the patient go wherever they are, as one word and as a number, too."""
    for text in ("Quagmire", "Dr.QuagmireX", "4711007", "p-1001", 4711007, "15.03.1980"):
        resource = json.loads(places(kind).replace(json.dumps(FOREIGN), json.dumps(text)))
        made = with_patient(resource, text="known_identifiers")
        assert [] == [each for each in strings(made) if str(text).lower() in each.lower()]


@pytest.mark.parametrize("kind", ["Observation", "Patient", "Encounter"])
def test_own_identifier_in_kept_extension(kind: str) -> None:
    """An extension that the operator keeps is searched, too; a foreign text in it is free text."""
    for text in ("Quagmire", FOREIGN):
        value = planted("Extension", text)
        extension = {**{name: each for name, each in value.items() if name != "_id"}, "url": "http://example.org/kept"}
        made = with_patient(
            {"resourceType": kind, "extension": [extension]}, keep_extensions=["http://example.org/kept"]
        )
        assert [] == [each for each in strings(made) if text in each]


@pytest.mark.parametrize("kind", CLINICAL)
def test_modifier_extension(kind: str) -> None:
    """A modifier extension that is not kept changes what the rest means: the resource is held back."""
    if "modifierExtension" not in (elements_of(kind) or {}):
        return
    with pytest.raises(HeldBackError, match="modifier extension"):
        with_patient({"resourceType": kind, "modifierExtension": [{"url": "http://x.org", "valueString": FOREIGN}]})
