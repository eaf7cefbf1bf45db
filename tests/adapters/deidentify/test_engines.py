"""The engines of a step share pseudonyms and domains."""

import json
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from adapters.deidentify.engines import domains_of, open_engines
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.domains import Format, Patient
from gateway.contract.domains import DomainSettings
from tests.adapters.deidentify.support import CT, DOMAINS, settings


def test_same_patient(tmp_path: Path) -> None:
    """A patient has one pseudonym in HL7v2 and DICOM, in every process with the same key."""
    numbers = set()
    for _ in range(2):
        engines = open_engines(settings(tmp_path), DOMAINS)
        text, _ = engines.hl7v2(b"MSH|^~\\&|||||20240101||ADT^A08|1|P|2.5\rPID|1||1CT1^^^HOSP^MR\r", None)
        numbers.add(text.decode().split("\r")[1].split("|")[3].partition("^")[0])
        file = engines.file()
        octets = b"".join(map(bytes, [*file.receive_data(CT), *file.receive_end()]))
        numbers.add(pydicom.dcmread(BytesIO(octets)).PatientID)
    assert len(numbers) == 1
    assert "1CT1" not in numbers


def test_other_key(tmp_path: Path) -> None:
    """Another key makes other pseudonyms, and the manifest tells keys apart."""
    first = open_engines(settings(tmp_path), DOMAINS)
    again = settings(tmp_path)
    again.key_file.write_text("5b" * 32)
    second = open_engines(again, DOMAINS)
    assert first.file().manifest.key != second.file().manifest.key
    data = b"MSH|^~\\&|||||20240101||ADT^A08|1|P|2.5\rPID|1||1CT1^^^HOSP^MR\r"
    assert first.hl7v2(data, None) != second.hl7v2(data, None)


def test_fhir(tmp_path: Path) -> None:
    """The patient has the same pseudonym in FHIR as in HL7v2."""
    engines = open_engines(settings(tmp_path), DOMAINS)
    text, _ = engines.hl7v2(b"MSH|^~\\&|||||20240101||ADT^A08|1|P|2.5\rPID|1||1CT1^^^HOSP^MR\r", None)
    number = text.decode().split("\r")[1].split("|")[3].partition("^")[0]
    named = {"system": "urn:oid:1.2.3", "value": "1CT1"}
    patient = {"resourceType": "Patient", "id": "p", "identifier": [named], "name": [{"family": "Smith"}]}
    made, identifiers = engines.fhir(json.dumps(patient).encode(), None)
    assert json.loads(made)["identifier"][0]["value"] == number
    assert b"Smith" not in made
    assert identifiers == {}
    with pytest.raises(HeldBackError):
        engines.fhir(b"{}", None)


def test_domains() -> None:
    """Authorities of every format lead to their domain; without one, the default counts."""
    found = domains_of(DOMAINS, "hospital")
    named: list[tuple[Format, str]] = [
        ("hl7v2", "HOSP"),
        ("hl7v2", "TEST"),
        ("dicom", "HOSP"),
        ("fhir", "urn:oid:1.2.3"),
    ]
    for form, authority in named:
        assert found.patient(form, (authority,), "7") == Patient("hospital", "7")
    assert found.patient("fhir", (), "7") == Patient("hospital", "7")
    with pytest.raises(HeldBackError):
        domains_of(DOMAINS, None).patient("dicom", (), "7")


@pytest.mark.parametrize(
    ("domains", "default", "problem"),
    [
        (DOMAINS, "clinic", "default_domain: there is no domain 'clinic'; `domains` has hospital"),
        ({}, "clinic", "default_domain: there is no domain 'clinic'; `domains` has none"),
        (
            {"a": DomainSettings(hl7v2=("X",)), "b": DomainSettings(hl7v2=("X",))},
            None,
            "the domains 'a' and 'b' both have 'X' in hl7v2",
        ),
    ],
)
def test_contradictions(domains: dict[str, DomainSettings], default: str | None, problem: str) -> None:
    """A domain that is not there, or an authority in two of them, is a mistake."""
    with pytest.raises(ValueError, match=problem):
        domains_of(domains, default)


def test_same_authority_in_other_formats() -> None:
    """The same name in another format may mean another authority."""
    domains_of({"a": DomainSettings(hl7v2=("X",)), "b": DomainSettings(dicom=("X",))}, "a")
