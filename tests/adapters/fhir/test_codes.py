"""Coded values."""

from typing import Any

import pytest

from adapters.fhir.codes import code, code_extension, concept, described, encounter_class, language, one_coding
from adapters.fhir.context import Options
from adapters.fhir.report import Reason
from adapters.fhir.tables import Code
from tests.adapters.fhir.making import BERLIN, context

V3_MARITAL = {"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M", "display": "Married"}
LOINC = {"system": "http://loinc.org", "code": "2160-0", "display": "Creatinine"}
CONCEPTS: dict[str, tuple[str, str, Any]] = {
    "a known system": ("2160-0^Creatinine^LN", "", {"coding": [LOINC], "text": "Creatinine"}),
    "a local code and its standard one": (
        "KREA^Kreatinin^L^2160-0^Creatinine^LN",
        "",
        {"coding": [{"code": "KREA", "display": "Kreatinin"}, LOINC], "text": "Kreatinin"},
    ),
    "a code of the field's table": ("M", "marital_status", {"coding": [V3_MARITAL]}),
    "a code of the field's table, named": ("M^^HL70002", "marital_status", None),
    "a code that the table lacks": ("ZZ", "marital_status", {"coding": [{"code": "ZZ"}], "text": "ZZ"}),
    "text only": ("^fell down the stairs", "", {"text": "fell down the stairs"}),
    "original text": ("2160-0^^LN^^^^^^as sent", "", {"coding": [{**LOINC, "display": ""}], "text": "as sent"}),
    "a version": (
        "E11^^I10^^^^2019",
        "",
        {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "version": "2019", "code": "E11"}]},
    ),
    "blanks in a code": ("A  B^^LN", "", {"coding": [{"system": "http://loinc.org", "code": "A B"}]}),
    "nothing": ("^^LN", "", None),
}


@pytest.mark.parametrize(("raw", "table", "expected"), CONCEPTS.values(), ids=CONCEPTS)
def test_concept(raw: str, table: str, expected: Any) -> None:
    """A code has a system only if that is known; text is kept; a code of HL7's tables gets its counterpart."""
    found = concept(raw, context(), table)
    if raw == "M^^HL70002":
        expected = {
            "coding": [V3_MARITAL, {"system": "http://terminology.hl7.org/CodeSystem/v2-0002", "code": "M"}],
        }
    if expected and expected.get("text") == "as sent":
        del expected["coding"][0]["display"]
    assert expected == found


def test_unknown_system() -> None:
    """A system that is not known is reported."""
    there = context()
    concept("1^x^99ABC", there)
    assert [Reason.NO_SYSTEM] == [each.reason for each in there.report]


MAPS = {("APP", "L", "KREA"): Code("2160-0", "http://loinc.org", "Creatinine")}


def test_code_map() -> None:
    """A map of the settings puts the counterpart before the local code."""
    found = concept("KREA^Kreatinin^L", context(Options(code_maps=MAPS)))
    assert found is not None
    assert [LOINC, {"code": "KREA", "display": "Kreatinin"}] == found["coding"]


def test_code_map_of_another_sender() -> None:
    """A map for a sender does not count for others."""
    there = context(Options(code_maps=MAPS))
    there.sender = ("OTHER", "")
    found = concept("KREA^Kreatinin^L", there)
    assert found is not None
    assert 1 == len(found["coding"])


CODES = {
    "F": "female",
    "f": None,
    "M^Male^HL70001": "male",
    "M^Male^HL7": "male",
    "M^Male^L": None,
    "M^^SCT": None,
    "banana": None,
    "": None,
}


@pytest.mark.parametrize(("raw", "expected"), CODES.items())
def test_code(raw: str, expected: str | None) -> None:
    """A code of a required value set is one of it, or is left out and reported."""
    there = context()
    assert expected == code(raw, there, "sex")
    assert bool(raw and expected is None) == bool(there.report)


CLASSES = {"I": "IMP", "O": "AMB", "E": "EMER", "P": "PRENC", "R": "R", "INPATIENT": "INPATIENT"}


@pytest.mark.parametrize(("raw", "expected"), CLASSES.items())
def test_class(raw: str, expected: str) -> None:
    """The class has HL7's counterpart, or the code of table 0004, or a local code without a system."""
    found = encounter_class(raw, context(BERLIN))
    assert found is not None
    assert (expected, raw == "INPATIENT") == (found["code"], "system" not in found)


def test_class_of_another_system() -> None:
    """A code of another system is not HL7's, even if it looks like it."""
    assert [{"code": each} for each in "IR"] == [encounter_class(f"{each}^^L", context(BERLIN)) for each in "IR"]


def test_parts() -> None:
    """A language, a coding and the value of an extension hold a concept."""
    assert {"language": {"text": "German"}} == language("^German", context())
    assert {"valueCodeableConcept": {"text": "German"}} == code_extension("^German", context())
    assert LOINC == one_coding("2160-0^Creatinine^LN", context())
    assert (None, None, None) == (language("", context()), code_extension("", context()), one_coding("^x", context()))


def test_counterpart_without_a_display() -> None:
    """A code map without a display makes no empty one, which FHIR forbids."""
    using = context(Options(code_maps={("", "L", "A"): Code("1-8", "http://loinc.org", "")}))
    made = concept("A^^L", using)
    assert made is not None
    assert {"system": "http://loinc.org", "code": "1-8"} == made["coding"][0]


def test_language() -> None:
    """A language of ISO 639-2 is the one of BCP 47 that FHIR wants, beside what was sent."""
    made = language("deu^Deutsch^HL70296", context(), "language")
    assert made is not None
    assert ["de", "deu"] == [each["code"] for each in made["language"]["coding"]]


DESCRIBED = {
    "beside a code": ("A^Name^LN", "Description", 0),
    "beside a text": ("A^Name^LN^^^^^^Text", "Text", 1),
    "beside a name without code": ("^Name", "Name", 1),
    "the same": ("^Description", "Description", 0),
    "alone": ("", "Description", 0),
}


@pytest.mark.parametrize(("raw", "text", "left_out"), DESCRIBED.values(), ids=DESCRIBED)
def test_described(raw: str, text: str, left_out: int) -> None:
    """A description is the text of a concept that has none; otherwise it is reported."""
    using = context()
    assert (text, left_out) == (described(concept(raw, using), raw, "Description", using)["text"], len(using.report))
