"""Code systems and authorities: what senders write, and the absolute URI that FHIR wants. Others have no URI."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_NAMES = {
    "LN": "http://loinc.org",
    "LOINC": "http://loinc.org",
    "SCT": "http://snomed.info/sct",
    "SNOMED": "http://snomed.info/sct",
    "SNOMED-CT": "http://snomed.info/sct",
    "SNOMEDCT": "http://snomed.info/sct",
    "UCUM": "http://unitsofmeasure.org",
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "MVX": "http://hl7.org/fhir/sid/mvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "ATC": "http://www.whocc.no/atc",
    "CDCREC": "urn:oid:2.16.840.1.113883.6.238",
    "ISO3166_1": "urn:iso:std:iso:3166",
    "ISO4217": "urn:iso:std:iso:4217",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
}
"""HL7 table 0396, and names that are often written in its place."""
_OIDS = {
    "2.16.840.1.113883.6.1": "http://loinc.org",
    "2.16.840.1.113883.6.96": "http://snomed.info/sct",
    "2.16.840.1.113883.6.8": "http://unitsofmeasure.org",
    "2.16.840.1.113883.6.3": "http://hl7.org/fhir/sid/icd-10",
    "2.16.840.1.113883.6.90": "http://hl7.org/fhir/sid/icd-10-cm",
    "2.16.840.1.113883.6.88": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "2.16.840.1.113883.6.69": "http://hl7.org/fhir/sid/ndc",
    "2.16.840.1.113883.12.292": "http://hl7.org/fhir/sid/cvx",
    "2.16.840.1.113883.4.1": "http://hl7.org/fhir/sid/us-ssn",
    "2.16.840.1.113883.4.6": "http://hl7.org/fhir/sid/us-npi",
}
_LONGEST = 128
"""Most characters of a name that is looked up."""
_HL7_OID = "2.16.840.1.113883.12."
_TABLE = re.compile(r"(?:HL7|V2-?)(\d{4})\Z", re.IGNORECASE | re.ASCII)
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*)){2,}\Z", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z", re.ASCII)
_ABSOLUTE = re.compile(r"(?:https?://[!-~]+|urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[!-~]+)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Systems:
    """The systems of HL7, and those of the settings."""

    configured: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """Return the URI of a coding system or an authority with this name; empty if none is known."""
        if name in self.configured:
            return self.configured[name]
        return _standard(name) if len(name) <= _LONGEST else ""

    def of_id(self, value: str) -> str:
        """Return the URI of an OID, a UUID or an absolute URI; empty for anything else."""
        if value in self.configured:
            return self.configured[value]
        return _of_id(value) if len(value) <= _LONGEST else ""


@lru_cache(maxsize=4096)
def _standard(name: str) -> str:
    """Return the URI of a name that HL7 defines, or that is a URI."""
    known = _NAMES.get(name.upper())
    if known:
        return known
    if table := _TABLE.match(name):
        return f"{TERMINOLOGY}v2-{table[1]}"
    return _of_id(name)


@lru_cache(maxsize=4096)
def _of_id(value: str) -> str:
    if _OID.match(value):
        return _of_oid(value)
    if _UUID.match(value):
        return f"urn:uuid:{value.lower()}"
    return value if is_absolute(value) else ""


def _of_oid(oid: str) -> str:
    """Return the URL that FHIR uses for *oid*, or its URN."""
    if oid in _OIDS:
        return _OIDS[oid]
    number = oid.removeprefix(_HL7_OID)
    if number != oid and number.isdigit() and len(number) <= 4:
        return f"{TERMINOLOGY}v2-{number:0>4}"
    return f"urn:oid:{oid}"


def is_absolute(uri: str) -> bool:
    """Whether *uri* is one that FHIR takes as a system: absolute, without blanks."""
    if uri.startswith("urn:oid:"):
        return _OID.match(uri[8:]) is not None
    if uri.startswith("urn:uuid:"):
        return _UUID.match(uri[9:]) is not None
    return _ABSOLUTE.match(uri) is not None
