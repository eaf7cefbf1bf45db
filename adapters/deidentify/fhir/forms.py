"""The forms of values that may stay. A value in another form is no such value: a text may be hidden in it."""

import re

INTEGER = re.compile(r"[-+]?\d{1,10}\Z", re.ASCII)
DECIMAL = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE][-+]?\d{1,3})?\Z", re.ASCII)
CLOCK = r"T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[-+]\d\d:\d\d)?"
DATES = {
    "date": re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?\Z", re.ASCII),
    "dateTime": re.compile(rf"\d{{4}}(?:-\d\d(?:-\d\d(?:{CLOCK})?)?)?\Z", re.ASCII),
    "instant": re.compile(rf"\d{{4}}-\d\d-\d\d{CLOCK}\Z", re.ASCII),
}
TIME = re.compile(r"(?:[01]\d|2[0-4]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d{1,9})?)?\Z", re.ASCII)
CODE = re.compile(r"[^\s]{1,20}\Z")
"""A code of a system that is not known: one word. A longer text, or one with blanks, is none."""
KNOWN_CODE = re.compile(r"[^\s]{1,64}\Z")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,2}\Z", re.ASCII)
URI = re.compile(r"(?:https?://|urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:)[A-Za-z0-9._~:/%+-]{1,240}\Z", re.ASCII)
"""A system or a definition: no user, no query and no fragment, in which more is said than its name."""
CANONICAL = re.compile(URI.pattern[:-2] + r"(?:\|[A-Za-z0-9._-]{1,40})?(?:#[A-Za-z0-9._-]{1,64})?\Z", re.ASCII)
RELATIVE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}\Z", re.ASCII)
"""The URL of an extension inside another one, which is only a name."""
VERSION = re.compile(r"[A-Za-z0-9._:/-]{1,64}\Z", re.ASCII)
UNIT = re.compile(r"[^\s]{1,20}\Z")
SAMPLES = re.compile(r"(?:-?\d+(?:\.\d+)?|[EUL])(?: (?:-?\d+(?:\.\d+)?|[EUL]))*\Z", re.ASCII)
STATE = re.compile(r"[A-Z]{2,3}(?:-[A-Z0-9]{1,3})?\Z", re.ASCII)
COUNTRY = re.compile(r"[A-Z]{2,3}\Z", re.ASCII)
STATUS = re.compile(r"[1-5]\d\d", re.ASCII)
NAMED_ELEMENT = re.compile(
    r"[A-Za-z.]{1,80}(?:\[x\])?(?:\([A-Za-z0-9.:/=_-]{1,120}\))?(?:\.[A-Za-z]{1,40})*\Z", re.ASCII
)
SYSTEMS = re.compile(
    r"http://(?:loinc\.org|snomed\.info/sct|unitsofmeasure\.org|www\.nlm\.nih\.gov/research/umls/rxnorm"
    r"|dicom\.nema\.org/resources/ontology/DCM|www\.ama-assn\.org/go/cpt|terminology\.hl7\.org/CodeSystem/[\w.-]+"
    r"|hl7\.org/fhir/(?!sid/us-ssn)[\w./-]+|www\.whocc\.no/atc)\Z"
    r"|urn:(?:iso:std:iso:[\w:-]+|ietf:bcp:(?:13|47)|oid:2\.16\.840\.1\.113883\.6\.\d+)\Z",
    re.ASCII,
)
"""Code systems whose names of codes are those of the system."""
