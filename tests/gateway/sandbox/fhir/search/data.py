"""A small record for searches: three patients, their encounters, observations and a report."""

from typing import Any

LOINC, UCUM, MRN = "http://loinc.org", "http://unitsofmeasure.org", "urn:oid:1.2.3"
Resource = dict[str, Any]


def make(resource_type: str, own_id: str, /, **elements: Any) -> Resource:
    """Return a resource."""
    return {"resourceType": resource_type, "id": own_id, **elements}


def reference(address: str) -> dict[str, str]:
    """Return a reference."""
    return {"reference": address}


def code(value: str, system: str = LOINC, text: str = "") -> dict[str, Any]:
    """Return a CodeableConcept."""
    return {"coding": [{"system": system, "code": value}], **({"text": text} if text else {})}


def quantity(value: float, unit: str = "mm[Hg]") -> dict[str, Any]:
    """Return a Quantity in UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def observation(own_id: str, subject: str, effective: str, value: float, kind: str = "8480-6") -> Resource:
    """Return an observation with a quantity."""
    return make(
        "Observation",
        own_id,
        status="final",
        code=code(kind, text="Systolic pressure"),
        subject=reference(f"Patient/{subject}"),
        effectiveDateTime=effective,
        valueQuantity=quantity(value),
    )


def pressure(own_id: str, subject: str, systolic: int, diastolic: int) -> Resource:
    """Return a blood pressure with its two components."""
    return make(
        "Observation",
        own_id,
        status="preliminary",
        code=code("85354-9"),
        subject=reference(f"Patient/{subject}"),
        effectivePeriod={"start": "2024-03-01T10:00:00Z"},
        component=[
            {"code": code("8480-6"), "valueQuantity": quantity(systolic)},
            {"code": code("8462-4"), "valueQuantity": quantity(diastolic)},
        ],
    )


RECORD: list[Resource] = [
    make("Organization", "clinic", name="Sankt Jürgen", identifier=[{"system": MRN, "value": "org"}]),
    make("Practitioner", "doc", name=[{"family": "Weiß", "given": ["Eva"]}]),
    make(
        "Patient",
        "a",
        active=True,
        identifier=[{"system": MRN, "value": "1"}, {"system": "urn:x", "value": "1|2,3"}],
        name=[{"family": "Müller", "given": ["Anna", "Maria"]}],
        gender="female",
        birthDate="1980-05-17",
        telecom=[{"system": "phone", "value": "0123"}, {"system": "email", "value": "Anna@example.org"}],
        address=[{"city": "Lübeck", "postalCode": "23552"}],
        managingOrganization=reference("Organization/clinic"),
        generalPractitioner=[reference("Practitioner/doc")],
    ),
    make(
        "Patient",
        "b",
        active=False,
        identifier=[{"system": MRN, "value": "2"}],
        name=[{"family": "Mull", "given": ["Bob"]}],
        gender="male",
        birthDate="1980",
        link=[{"type": "replaced-by", "other": reference("Patient/a")}],
    ),
    make("Patient", "c", identifier=[{"value": "3"}], deceasedDateTime="2024-01-01"),
    make(
        "Encounter",
        "e",
        status="in-progress",
        **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}},
        subject=reference("Patient/a"),
        period={"start": "2024-02-01T08:00:00+01:00"},
        serviceProvider=reference("Organization/clinic"),
    ),
    observation("o1", "a", "2024-02-01T09:30:00Z", 120),
    observation("o2", "a", "2024-02-02", 141),
    observation("o3", "b", "2024-02", 180.5),
    observation("o4", "b", "2025-01-01T00:00:00Z", 99.5, kind="8867-4"),
    pressure("o5", "a", 150, 80),
    make(
        "Observation",
        "o6",
        status="final",
        code={"text": "Blood group"},
        subject={"identifier": {"system": MRN, "value": "9"}},
        valueString="O Rh-",
    ),
    make(
        "DiagnosticReport",
        "r",
        status="final",
        code=code("24323-8"),
        subject=reference("Patient/a"),
        encounter=reference("Encounter/e"),
        result=[reference("Observation/o1"), reference("Observation/o2")],
    ),
    make(
        "ValueSet",
        "vs",
        status="active",
        url="http://example.org/vs",
        compose={"include": [{"system": LOINC, "concept": [{"code": "8867-4"}]}]},
    ),
    make(
        "RiskAssessment",
        "risk",
        status="final",
        subject=reference("Patient/a"),
        prediction=[{"probabilityDecimal": 0.8}],
    ),
]
