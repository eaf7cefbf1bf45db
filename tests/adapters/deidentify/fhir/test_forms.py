"""The forms of values: what has the form of a value, and what only looks like one."""

import re

import pytest

from adapters.deidentify.fhir import forms

GOOD = {
    "INTEGER": ["0", "-1", "+3", "2147483647"],
    "DECIMAL": ["4.10", "-0.5", "1e-7", "12"],
    "TIME": ["08:00", "08:00:00", "23:59:59.123"],
    "CODE": ["NA", "1-8", "<72-HR", "männlich"],
    "KNOWN_CODE": ["106190000", "http://x.org/a"],
    "LANGUAGE": ["de", "de-AT", "zh-Hans-CN"],
    "URI": ["http://loinc.org", "urn:oid:1.2.3", "https://his.example/a/b"],
    "CANONICAL": ["http://x.org/p|4.0", "http://x.org/p#frag", "http://x.org/p|4.0.1#a"],
    "RELATIVE": ["ombCategory", "text"],
    "VERSION": ["4.0.1", "http://snomed.info/sct/900000000000207008"],
    "UNIT": ["mg/dL", "10*3/uL"],
    "SAMPLES": ["1 2 -3.5 E U L", "0"],
    "STATE": ["CA", "NSW", "DE-BY"],
    "COUNTRY": ["US", "DEU"],
    "NAMED_ELEMENT": ["name", "deceased[x]", "telecom(use=work)", "extension(http://x.org/y)", "name(use=old).family"],
    "SYSTEMS": ["http://loinc.org", "http://snomed.info/sct", "urn:iso:std:iso:3166", "http://hl7.org/fhir/sid/icd-10",
                "http://terminology.hl7.org/CodeSystem/v2-0203"],
}  # fmt: skip
BAD = {
    "INTEGER": ["", "1.0", "12345678901", "1 Anna", "\u0661"],
    "DECIMAL": ["", ".5", "1,5", "0x10", "1 Anna", "1" * 19],
    "TIME": ["8:00", "08:00 Anna", "08:00:00Z", "47:11:00"],
    "CODE": ["", "of Anna", "a" * 21],
    "KNOWN_CODE": ["Anna Test", "a" * 65],
    "LANGUAGE": ["", "german of Anna", "d"],
    "URI": ["Anna", "http://anna@his.example", "http://his.example/?name=Anna", "http://his.example/#Anna", "mailto:a"],
    "CANONICAL": ["http://x.org/?n=Anna", "http://x.org/p|4 Anna", "http://x.org/p#a b"],
    "RELATIVE": ["", "http://x", "Anna Test", "1"],
    "VERSION": ["", "of Anna", "a" * 65],
    "UNIT": ["", "per Anna day"],
    "SAMPLES": ["", "1 Anna", "1  2"],
    "STATE": ["California", "ca", "C"],
    "COUNTRY": ["Germany", "us"],
    "NAMED_ELEMENT": ["", "Anna Test", "name(Anna Test)"],
    "SYSTEMS": ["http://loinc.org/anna", "http://hl7.org/fhir/sid/us-ssn", "http://his.example", "urn:oid:1.2.3"],
}


@pytest.mark.parametrize("name", GOOD)
def test_values(name: str) -> None:
    """Values of the form are known, and a line break behind them is no part of one."""
    form: re.Pattern[str] = getattr(forms, name)
    assert [each for each in GOOD[name] if not form.match(each)] == []
    assert [each for each in GOOD[name] if form.match(f"{each}\nAnna") or form.match(f"{each}\n")] == []


@pytest.mark.parametrize("name", BAD)
def test_texts(name: str) -> None:
    """Texts that only begin like a value are none."""
    form: re.Pattern[str] = getattr(forms, name)
    assert [each for each in BAD[name] if form.match(each)] == []


def test_each_is_tested() -> None:
    """No form is without examples; a status is only read at the start of a text."""
    found = {name for name, value in vars(forms).items() if isinstance(value, re.Pattern)}
    assert found - {"STATUS"} == GOOD.keys() == BAD.keys()
    match = forms.STATUS.match("201 Created")
    assert match
    assert match[0] == "201"
    assert not forms.STATUS.match("601")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date", ["2024", "2024-05", "2024-05-01"], ["2024-5", "2024-05-01T10:00", "20240501", "2024-05-01\n"]),
        (
            "dateTime",
            ["2024", "2024-05-01", "2024-05-01T10:00:00+02:00", "2024-05-01T10:00:00.123Z", "2024-05-01T10:00"],
            ["2024-05T10:00", "2024-05-01 10:00", "2024-05-01TAnna", "2024-05-01T10:00:00Z Anna"],
        ),
        ("instant", ["2024-05-01T10:00:00Z"], ["2024", "2024-05-01", "2024-05-01T"]),
    ],
)
def test_dates(kind: str, good: list[str], bad: list[str]) -> None:
    """Dates are partial where R4 allows that, and nothing follows them."""
    form = forms.DATES[kind]
    assert [each for each in good if not form.match(each)] == []
    assert [each for each in bad if form.match(each)] == []
