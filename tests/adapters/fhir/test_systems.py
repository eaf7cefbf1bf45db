"""Names of code systems and authorities, and their URIs."""

import pytest

from adapters.fhir.systems import Systems, is_absolute

SYSTEMS = Systems({"HOSP": "urn:oid:1.2.3"})
NAMED = {
    "HOSP": "urn:oid:1.2.3",
    "LN": "http://loinc.org",
    "loinc": "http://loinc.org",
    "HL70004": "http://terminology.hl7.org/CodeSystem/v2-0004",
    "2.16.840.1.113883.6.1": "http://loinc.org",
    "2.16.840.1.113883.12.4": "http://terminology.hl7.org/CodeSystem/v2-0004",
    "1.2.840.1": "urn:oid:1.2.840.1",
    "https://hospital.example/codes": "https://hospital.example/codes",
    "0A1B2C3D-0000-4000-8000-00000000000F": "urn:uuid:0a1b2c3d-0000-4000-8000-00000000000f",
    "L": "",
    "99ZZZ": "",
    "1.2": "",
    "GOOD HEALTH HOSPITAL": "",
}


@pytest.mark.parametrize(("name", "uri"), NAMED.items())
def test_named(name: str, uri: str) -> None:
    """A known name has its URI; any other has none, and is never made into one."""
    assert uri == SYSTEMS.named(name)
    assert not uri or is_absolute(uri)


def test_long_names() -> None:
    """A text of the length of a message is no name."""
    assert "" == SYSTEMS.named("urn:oid:" + "1." * 100_000 + "1")


@pytest.mark.parametrize("uri", ["HOSP", "urn:oid:HOSP", "urn:oid:1", "http://a b", "", "urn:uuid:1"])
def test_not_absolute(uri: str) -> None:
    """What FHIR does not take as a system is recognised."""
    assert not is_absolute(uri)
