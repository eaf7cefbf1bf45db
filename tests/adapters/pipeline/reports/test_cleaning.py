"""No cleaned text of a report names its patient, and its dates are those of the de-identified images."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from adapters.deidentify.engines import domains_of, key_of, pseudonyms_of
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.domains import Domains
from adapters.deidentify.pseudonyms.service import Pseudonyms
from adapters.pipeline.reports.cleaning import Policy, clean_date, clean_text, days_of, known_of, policy_of
from tests.adapters.deidentify.support import DOMAINS, settings
from tests.adapters.pipeline.reports.made import report
from tests.adapters.pipeline.reports.test_known import IMAGE

SHIFT = Policy(keeps_text=True, dates="shift")
TEXT = """CT head of Frau Erika Musterfrau, born 07.03.1954 (age 67), MRN 7423501, ACC 77-12.
Clinical: headache since 2019; call (030) 555-0199. Compared with 20.02.2021.
Musterfrau, E. was seen on 2021-03-04, today is March 5th, 2021.
Findings: lesion of 3.2 x 4.5 cm in L4/5, no change. SOP 1.2.3.4.5.6
"""
PLANTED = (
    "Erika",
    "Musterfrau",
    "1954",
    "7423501",
    "77-12",
    "555-0199",
    "20.02.2021",
    "2021-03-04",
    "March 5",
    "1.2.3.4.5.6",
)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Pseudonyms, Domains]:
    """Return the pseudonyms of a step with a key, and its domains."""
    step = settings(tmp_path)
    return pseudonyms_of(step, key_of(step), None), domains_of(DOMAINS, step.default_domain)


def test_clean_text() -> None:
    """None of the planted strings stays, what is said of the disease does, and dates are moved or removed."""
    known = known_of([IMAGE], report("r1", "ACC7712", patient="MRN7423501", report_date="2021-03-05"))
    text = clean_text(TEXT, known, SHIFT, -14)
    assert [] == [each for each in PLANTED if each in text]
    for kept in ("CT head of Frau *** ***", "headache since 2019", "3.2 x 4.5 cm in L4/5", "06.02.2021", "2021-02-18"):
        assert kept in text, kept
    removed = clean_text(TEXT, known, Policy(keeps_text=True, dates="remove"), -14)
    assert "06.02.2021" not in removed
    assert "2021" not in removed


def test_nothing_known() -> None:
    """A report of whose patient nothing is known has no cleaned text, and neither has one that is not to be kept."""
    assert clean_text("headache", known_of([], report("r1", "")), SHIFT, -14) == ""
    known = known_of([IMAGE], report("r1"))
    assert clean_text("headache", known, SHIFT, -14) == "headache"
    assert clean_text("headache", known, Policy(keeps_text=False, dates="shift"), -14) == ""
    assert clean_text("Musterfrau", known, SHIFT, -14) == ""


def test_great_age() -> None:
    """An age above 89 is removed, as in HL7v2 messages."""
    known = known_of([IMAGE], report("r1"))
    assert clean_text("a 93-year-old, 45 y/o before", known, SHIFT, -7) == "a ***-year-old, 45 y/o before"


def test_hidden() -> None:
    """An identifier is also found where it is written letter by letter, or encoded."""
    known = known_of([IMAGE], report("r1"))
    for text in (
        "M u s t e r f r a u  kam",
        "TXVzdGVyZnJhdSBFcmlrYQ== x",
        "Must\u00aderfrau kam",
        "Mu\u0308sterfrau MUSTERFRAU x",
    ):
        assert "usterfra" not in clean_text(text, known, SHIFT, -7).lower()
        assert "TXVzdGVyZnJhd" not in clean_text(text, known, SHIFT, -7)


WORDS = st.sampled_from(
    ("lesion", "of", "3.2", "14", "mm", "am", "(", ";", "-", "L4/5", "Dr.", "\n", "no.", "2019", "&amp;")
)
SPELLED = st.sampled_from(
    """Musterfrau|MUSTERFRAU,|Erika|erika_musterfrau|Frau-Musterfrau's|MRN7423501|7423501|MRN 74 23 501|030/5550199
    030-555 01 99|5550199|07.03.1954|7.3.54|1954-03-07|March 7, 1954|19540307|4.3.2021|04-MAR-2021|20210304|ACC7712
    acc-7712|\u5c71\u7530|1.2.3.4.5.6""".replace("\n", "|").split("|")
)
HIDDEN = re.compile(r"musterfrau|erika|7423501|5550199|1954|acc7712|\u5c71\u7530|123456")


@settings_of_hypothesis(deadline=None)
@given(
    st.lists(st.one_of(WORDS, SPELLED), max_size=25), st.sampled_from(["shift", "year", "remove"]), st.integers(1, 52)
)
def test_planted_anywhere(words: list[str], dates: Any, weeks: int) -> None:
    """Whatever stands around it, nothing that is known stays, and the exact date of the study does not."""
    known = known_of([IMAGE], report("r1", "ACC7712", patient="MRN7423501", report_date="2021-03-05"))
    text = clean_text(" ".join(words), known, Policy(keeps_text=True, dates=dates), -7 * weeks)
    letters = "".join(filter(str.isalnum, text.lower()))
    assert not known.own().is_in(text)
    assert HIDDEN.search(letters) is None
    assert "20210304" not in letters


@pytest.mark.parametrize("number", ["030-555 01 99", "(030) 5550199", "555 01-99", "7 42 35 01", "0 7 423 501"])
def test_grouped(number: str) -> None:
    """A number in groups is also found behind another number, and before one."""
    known = known_of([IMAGE], report("r1"))
    found = clean_text(f"of 3.2 {number} 14 mm", known, SHIFT, -7)
    assert found in ("of 3.2 *** 14 mm", "of 3.2 (*** 14 mm")
    assert clean_text("74235011 55501991 0000007", known, SHIFT, -7) == "74235011 55501991 0000007"


def test_many_zeros() -> None:
    """A text of nothing but zeros takes no longer than another one."""
    known = known_of([IMAGE], report("r1"))
    assert "0 0" in clean_text("0 " * 15_000, known, SHIFT, -7)


def test_policy(tmp_path: Path) -> None:
    """It is what the step does with texts of HL7v2, and with the dates of images."""
    expected: list[tuple[dict[str, Any], Policy]] = [
        ({}, Policy(keeps_text=False, dates="shift")),
        ({"hl7v2": {"text": "known_identifiers"}}, SHIFT),
        ({"hl7v2": {"text": "known_identifiers"}, "dicom": {"options": []}}, Policy(keeps_text=True, dates="remove")),
        ({"hl7v2": {"profile": "safe_harbor"}}, Policy(keeps_text=False, dates="year")),
        ({"google_config_file": "x.json"}, Policy(keeps_text=False, dates="remove")),
    ]
    for options, policy in expected:
        assert policy == policy_of(settings(tmp_path, **options))


def test_date() -> None:
    """The date of a report is moved, or there is none."""
    assert clean_date("2021-03-05", SHIFT, -14) == "2021-02-19"
    assert clean_date("2021-03-05", Policy(keeps_text=True, dates="year"), -14) is None
    assert clean_date("2021-03-05", Policy(keeps_text=True, dates="remove"), -14) is None
    assert clean_date(None, SHIFT, -14) is None


def test_days(made: tuple[Pseudonyms, Domains]) -> None:
    """A patient has the days of the domain of the number, however it is named; a study without a patient its own."""
    pseudonyms, domains = made
    image: dict[str, Any] = {"StudyInstanceUID": "1.2", "PatientID": "P1"}
    days = days_of(image, pseudonyms, domains)
    assert days % 7 == 0
    assert days < 0
    item = {"UniversalEntityID": "1.2.3", "UniversalEntityIDType": "ISO"}
    assert days == days_of({**image, "IssuerOfPatientID": "HOSP", "PatientID": "P1 "}, pseudonyms, domains)
    assert days_of({"StudyInstanceUID": "1.2"}, pseudonyms, domains) == pseudonyms.shift_of_study("1.2")
    with pytest.raises(HeldBackError):
        days_of({**image, "IssuerOfPatientID": "OTHER"}, pseudonyms, domains)
    with pytest.raises(HeldBackError):
        days_of({**image, "IssuerOfPatientIDQualifiersSequence": [item]}, pseudonyms, domains)
    with pytest.raises(HeldBackError):
        days_of({"StudyInstanceUID": "1.2", "Metadata": {"00100020": {"vr": "LO", "Value": ["a", "b"]}}}, *made)


def test_days_are_those_of_the_images(made: tuple[Pseudonyms, Domains]) -> None:
    """The date of a study in the text is the one that the step gives the images."""
    from adapters.deidentify.manifest import Manifest  # noqa: PLC0415  likewise
    from tests.adapters.deidentify.dicom.made import DOMAINS as OF_HEADERS  # noqa: PLC0415  only here
    from tests.adapters.deidentify.dicom.made import PSEUDONYMS, header, transformer  # noqa: PLC0415  likewise

    elements = header()
    transformer(options=("retain_longitudinal_modified_dates",)).transform(elements, Manifest("test", "key"))
    moved = {each.tag: each.value.decode() for each in elements}[0x00080020]
    days = days_of({"StudyInstanceUID": "1.3.46.2", "PatientID": "MRN7423501"}, PSEUDONYMS, OF_HEADERS)
    assert moved == f"{date(2020, 5, 5) + timedelta(days):%Y%m%d}"
