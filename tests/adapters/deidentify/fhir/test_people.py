"""Whose resource it is."""

from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.nearest import FARTHEST
from adapters.deidentify.fhir.people import People, resources_in
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Patient
from tests.adapters.deidentify.fhir.making import DOMAINS, PATIENT, SUBJECT, SYSTEM, bundle, identifiers

ONE, TWO = Patient("hospital", "4711007"), Patient("hospital", "8800")
OTHER = {"resourceType": "Patient", "id": "p-2", "identifier": [{"system": SYSTEM, "value": "8800"}]}
FLAG: dict[str, Any] = {"resourceType": "Flag", "id": "f"}


def of(resource: dict[str, Any], *others: dict[str, Any], domains: Domains = DOMAINS) -> Patient | str:
    """Return the patient of a resource in a bundle with *others*, or why it has none."""
    found = People(bundle(resource, *others), identifiers(domains=domains)).of(resource)
    return found if isinstance(found, Patient) else str(found)


def test_resources_in() -> None:
    """Every entry at any depth is found with its URL; contained resources are no entries."""
    inner = {"resourceType": "Bundle", "entry": [{"fullUrl": "u", "resource": OTHER}, {"resource": "x"}, "y"]}
    found = [(each["resourceType"], url) for each, url in resources_in(bundle({**FLAG, "contained": [PATIENT]}, inner))]
    assert found == [("Bundle", ""), ("Flag", ""), ("Bundle", ""), ("Patient", "u")]


@pytest.mark.parametrize(
    "flag",
    [
        {"subject": SUBJECT},
        {"subject": {"reference": "Patient/p-1001/_history/2"}},
        {"subject": {"reference": "https://h.example/Patient/p-1001"}},
        {"subject": {"reference": f"Patient?identifier={SYSTEM}|4711007"}},
        {"subject": {"type": "Patient", "identifier": {"system": SYSTEM, "value": "4711007"}}},
        {"subject": {"identifier": {"system": SYSTEM, "value": "4711007", "type": {"text": "MR"}}}},
        {"subject": {"reference": "#p"}, "contained": [{**PATIENT, "id": "p"}]},
        {"contained": [{**PATIENT, "id": "p"}]},
        {"subject": SUBJECT, "author": {"reference": "Patient/p-2"}},  # its subject counts, whoever wrote it
    ],
)
def test_named(flag: dict[str, Any]) -> None:
    """A resource is that of the patient to whom it refers, in each form of a reference."""
    assert of({**FLAG, **flag}, PATIENT, OTHER) == ONE


def test_patient() -> None:
    """A patient is the first identifier of a known domain."""
    assert of(PATIENT, OTHER) == ONE
    listed = [{"system": "http://x.org", "value": "1"}, {"system": SYSTEM, "value": "8800"}]
    assert of({**PATIENT, "identifier": listed}) == TWO
    assert "no entry of `domains`" in str(of({**PATIENT, "identifier": listed[:1]}))
    assert "no entry of `domains`" in str(of({"resourceType": "Patient", "id": "p"}))
    assert "names no patient" in str(of({"resourceType": "Patient"}))


def test_by_id() -> None:
    """Where the domains say so, the id counts before the identifiers."""
    domains = Domains({("fhir", "Patient"): Domain("server"), ("fhir", SYSTEM): Domain("hospital")})
    assert of(PATIENT, domains=domains) == Patient("server", "p-1001")
    assert of({**FLAG, "subject": {"reference": "Patient/7"}}, domains=domains) == Patient("server", "7")


def chain(length: int) -> list[dict[str, Any]]:
    """Return resources that refer to each other in a row; the last one refers to OTHER."""
    made = [
        {"resourceType": "Observation", "id": f"o{each}", "derivedFrom": [{"reference": f"Observation/o{each + 1}"}]}
        for each in range(length)
    ]
    return [*made, {"resourceType": "Observation", "id": f"o{length}", "subject": {"reference": "Patient/p-2"}}]


def test_by_way_of_others() -> None:
    """Without a patient of its own it is that of the resources to which it leads, but not from far away."""
    first, *others = chain(FARTHEST)
    assert of(first, PATIENT, OTHER, *others) == TWO
    first, *others = chain(FARTHEST + 1)
    assert "several patients" in str(of(first, PATIENT, OTHER, *others))


def test_circle() -> None:
    """Resources that refer to each other lead to nobody."""
    one = {"resourceType": "Observation", "id": "a", "derivedFrom": [{"reference": "Observation/b"}]}
    two = {"resourceType": "Observation", "id": "b", "derivedFrom": [{"reference": "Observation/a"}]}
    assert "names no patient" in str(of(one, two))


def test_everybody() -> None:
    """One patient in all of a bundle is that of everything in it; of several nobody knows which."""
    assert of(FLAG, PATIENT) == ONE
    assert of(FLAG, {"resourceType": "Observation", "subject": SUBJECT}, PATIENT) == ONE
    assert "several patients" in str(of(FLAG, PATIENT, OTHER))
    assert "names no patient" in str(of(FLAG))
    found = People(bundle(PATIENT, FLAG), identifiers())
    assert found.of(bundle(PATIENT, FLAG)) == ONE


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        ({"subject": {"reference": "Patient/unknown"}}, "no entry of `domains`"),
        ({"subject": {"reference": "Patient?name=Quagmire"}}, "names no patient"),
        ({"subject": {"type": "Patient", "display": "Quagmire"}}, "names no patient"),
        ({"subject": {"type": "Patient", "identifier": {"system": "http://x.org", "value": "Q"}}}, "no entry of"),
        ({"subject": SUBJECT, "patient": {"reference": "Patient/p-2"}}, "several patients"),
    ],
)
def test_unknown(flag: dict[str, Any], reason: str) -> None:
    """A patient that is named and not known is not taken for another one of the bundle."""
    found = of({**FLAG, **flag}, PATIENT, OTHER)
    assert reason in str(found)
    assert "Quagmire" not in str(found)


def test_same_patient_twice() -> None:
    """Two references to one patient, and two records of one patient, are one patient."""
    again = {**PATIENT, "id": "p-3"}
    assert of({**FLAG, "subject": SUBJECT, "author": {"reference": "Patient/p-3"}}, PATIENT, again) == ONE
    assert of(FLAG, PATIENT, again) == ONE


def test_many() -> None:
    """A bundle in which everything refers to everything is looked through once, and not once for each resource."""
    links = [{"reference": f"Observation/o{each}"} for each in range(300)]
    many = [{"resourceType": "Observation", "id": f"o{each}", "derivedFrom": links} for each in range(300)]
    people = People(bundle(*many), identifiers())
    assert all(isinstance(people.of(each), HeldBackError) for each in many)
    known = {"resourceType": "Observation", "id": "o0", "subject": {"reference": "Patient/p-2"}}
    people = People(bundle(PATIENT, OTHER, known, *many[1:]), identifiers())
    assert all(people.of(each) == TWO for each in many[1:])


def test_many_contained() -> None:
    """A resource with as many references as contained resources is looked through once, too."""
    contained = [{**OTHER, "id": f"c{each}"} for each in range(3000)]
    references = [{"reference": f"#c{each}"} for each in range(3000)]
    assert of({**FLAG, "contained": contained, "detail": references}, PATIENT) == TWO


def test_same_id_twice() -> None:
    """Of two contained resources with the same id the first is meant."""
    contained = [{"resourceType": "Device", "id": "c"}, {"resourceType": "Group", "id": "c"}]
    flag = {**FLAG, "contained": contained, "author": {"reference": "#c"}}
    assert of(flag, PATIENT) == ONE


def test_many_entries() -> None:
    """A bundle of many entries that name nobody is looked through once."""
    many = [{"resourceType": "Basic", "id": f"b{each}"} for each in range(20_000)]
    people = People(bundle(PATIENT, *many), identifiers())
    assert all(people.of(each) == ONE for each in many)
