"""No word of a payload gets out with a store's free text."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.verdict.store_words import (
    AUXILIARIES,
    BEFORE_VALUE,
    KNOWN,
    MAX_TOLD,
    OPENERS,
    RESUMERS,
    STATES,
    TERMS,
    clean,
    cut,
)

TEXTS = {
    "invalid DICOM file: StudyInstanceUID missing": "invalid DICOM file StudyInstanceUID missing",
    "Invalid DICOM file. Study is locked": "invalid DICOM file study is locked",
    "PatientName DOE^JOHN is invalid": "PatientName ... is invalid",
    "PatientName=DOE^JOHN, PatientID=889911": "PatientName ... PatientID ...",
    "DICOM100: (0010,0020) - Invalid characters in Patient ID": "(0010,0020) invalid characters in ...",
    "no such patient: Jane Roe, born 1970-01-02": "no such patient ...",
    "missing required field PID-3.1 (segment 2)": "missing required field PID-3.1 ...",
    "OBX[2]-5 too long": "OBX[2]-5 too long",
    "ROE-12 not found": "not found",
    "the patient (0009,1234) is unknown": "the patient ... is unknown",
    "transfer syntax 1.2.840.10008.1.2.4.90 is not supported": (
        "transfer syntax 1.2.840.10008.1.2.4.90 is not supported"
    ),
    "instance 1.2.840.10008.1.2.3.4.5 exists": "instance ... exists",
    "UID 1.2.840.10008.-3 is not known": "UID ... is not known",
    "instance 1.2.3.4 exists": "instance ... exists",
    "Bad file format": "bad file format",
    "PatientName: Page is invalid": "PatientName ... is invalid",
    "PatientName: Long, Page": "",
    "Patient name - Small not found": "patient name ... not found",
    "Patient name: So": "patient name ...",
    "Patient name: J. Page not found": "patient name ... not found",
    "patient name 'long small' is invalid": "patient name ... is invalid",
    "the patient single not known": "the patient ... not known",
    "invalid value. Long": "invalid value ...",
    "Invalid patient: Field, John": "invalid patient ...",
    "specimen SPM-24-12-31 not found": "not found",
    "value OBR-12.05.75 is not accepted": "value ... is not accepted",
    "FT1-19.50 is invalid": "is invalid",
    "PID-3-1 is missing": "PID-3-1 is missing",
    "MSA-9 is missing": "is missing",
    "Error: PID-3 is missing": "error PID-3 is missing",
    "PatientID: is missing": "PatientID is missing",
    "Required attribute StudyInstanceUID is missing": "required attribute StudyInstanceUID is missing",
    "PatientBirthDate has an invalid value": "PatientBirthDate has an invalid ...",
    "duplicate key value violates unique constraint": "duplicate key value violates unique constraint",
    "The message is too large": "the message is too large",
    "The request was rejected: quota exceeded": "the request was rejected quota exceeded",
    "Rejected: Quota exceeded": "rejected quota exceeded",
    "the study is locked by another process": "the study is locked by ...",
    "FIELD LONG": "",
    "<b>quota</b> was exceeded": "was exceeded",
    "<b>quota</b> exceeded": "",
    "Jane": "",
    "12345": "",
    "...": "",
    "": "",
    "\x1b[31mred\x1b[0m disk is full": "",
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_clean(text: str, expected: str) -> None:
    """Known words, keywords, tags and places are repeated; names, numbers and quotations are not."""
    assert expected == clean(text)


PATTERNS = ("PatientName {} is invalid", "{}", "no such patient: {}", 'value "{}" (0010,0020)={}', "{}-3 missing {}")


@given(st.text(min_size=4, max_size=40), st.sampled_from(PATTERNS))
def test_no_value_gets_out(value: str, pattern: str) -> None:
    """Whatever is quoted, no more than words of the lists comes out: not even four characters in a row of a value."""
    told = clean(pattern.replace("{}", value))
    allowed = {*KNOWN, "PatientName", "(0010,0020)", "...", *_peer_policy(value)}
    assert set(told.split()) <= allowed


NAMES = st.from_regex(r"[A-Z]{4,12}\^[A-Z]{4,12}", fullmatch=True) | st.from_regex(r"[0-9]{5,12}", fullmatch=True)


@given(NAMES, st.sampled_from(PATTERNS))
def test_names_and_numbers(value: str, pattern: str) -> None:
    """A name in the form of DICOM and HL7, or a number, never comes out, nor does a run of four of its octets."""
    told = clean(pattern.replace("{}", value))
    runs = {value[start : start + 4] for start in range(len(value) - 3)}
    assert not any(run in told for run in runs if run not in pattern)


# A name may be any word. Whatever it is, the same is told as of a name that is in no list.
NOBODY = "Qzxv"
MANNERED = OPENERS | RESUMERS | STATES | AUXILIARIES | BEFORE_VALUE | {"too"}
"""The words that no name is taken to be: what is told of a reason is made of them."""
_SURNAMES = "field free king large little long new page read rule short single small so state young"
SURNAMES = frozenset(_SURNAMES.split())
ORDINARY = sorted({each for each in (KNOWN | SURNAMES) - MANNERED if each.isalpha() and each.upper() not in TERMS})
REASONS = (
    "PatientName is invalid",
    "Invalid DICOM file. Study is locked",
    "invalid value",
    "the patient is unknown",
    "no such patient",
    "missing required field PID-3.1 in the message",
    "(0010,0010) cannot be read by the store",
    "Patient name not found",
    "instance exists already",
    "database is full",
)
MARKS = (
    " ", ": ", ":", " - ", "-", " = ", "=", ", ", "; ", ". ", "! ", "? ", " (", " [",
    " '", ' "', " `", " <", "|", "^", "/",
)  # fmt: skip
NAMED = st.lists(st.sampled_from(ORDINARY), min_size=1, max_size=3)


@st.composite
def quoted(draw: st.DrawFn, cases: tuple[Callable[[str], str], ...], places: st.SearchStrategy[str]) -> tuple[str, str]:
    """Return a reason with a name of ordinary words in it, and the same one with the name of nobody."""
    words = draw(st.sampled_from(REASONS)).split(" ")
    at = draw(st.integers(0, len(words)))
    mark, between = draw(places) if at else "", draw(st.sampled_from([" ", ", ", "^"]))
    name = [draw(st.sampled_from(cases))(word) for word in draw(NAMED)]
    before, after = " ".join(words[:at]), draw(st.sampled_from(["", "'", ".", ",", ")"])) + " " + " ".join(words[at:])
    return before + mark + between.join(name) + after, before + mark + between.join([NOBODY] * len(name)) + after


@given(quoted((str.capitalize, str.upper), st.sampled_from(MARKS)))
def test_name_that_is_an_ordinary_word(reasons: tuple[str, str]) -> None:
    """At every place and after every mark, a name of ordinary words is left out like any other name."""
    name, nobody = reasons
    assert clean(nobody) == clean(name)


@given(quoted((str.lower,), st.sampled_from([mark for mark in MARKS if mark != " "])))
def test_name_in_lower_case(reasons: tuple[str, str]) -> None:
    """After every mark, and at the beginning of the text, that holds for lower case too."""
    name, nobody = reasons
    assert clean(nobody) == clean(name)


BEHIND = (
    "PatientName {}",
    "the patient {} is unknown",
    "Patient name {} not found",
    "invalid value {}",
    "locked by {}",
    "PID-5 {} is too long",
    "(0010,0010) {} is invalid",
    "no such user {}",
    "Jane {} is unknown",
    "PatientName Jane {}",
)


@given(NAMED, st.sampled_from(BEHIND))
def test_lower_case_behind_what_a_value_follows(words: list[str], reason: str) -> None:
    """Behind a keyword, a tag, a place or words such as "patient", a word in lower case may be a value."""
    assert clean(reason.format(" ".join([NOBODY] * len(words)))) == clean(reason.format(" ".join(words)))


def test_lists() -> None:
    """Words that open a sentence, or that follow a value, are words that may be repeated."""
    assert set() == (OPENERS | RESUMERS) - KNOWN


def _peer_policy(value: str) -> set[str]:
    """Return what of *value* by itself would be told: the words of the lists that are in it by chance."""
    return {word for each in (value, f"{value}-3", f"a. {value}") for word in clean(each).split()}


@given(st.text())
def test_one_short_line(text: str) -> None:
    """The result is one short line of ASCII."""
    told = clean(text)
    assert len(told) <= MAX_TOLD
    assert told.isascii()
    assert told.isprintable()


def test_cut() -> None:
    """A long text ends after a whole word."""
    assert "word " * 22 + "word..." == cut("word " * 100)
