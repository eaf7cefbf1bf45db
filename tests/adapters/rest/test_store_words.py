"""No word of a payload gets out with a store's free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.store_words import KNOWN, MAX_TOLD, clean, cut

TEXTS = {
    "invalid DICOM file: StudyInstanceUID missing": "invalid DICOM file StudyInstanceUID missing",
    "Invalid DICOM file. Study is locked": "invalid DICOM file study is locked",
    "PatientName DOE^JOHN is invalid": "PatientName ... is invalid",
    "PatientName=DOE^JOHN, PatientID=889911": "PatientName ... PatientID ...",
    "DICOM100: (0010,0020) - Invalid characters in Patient ID": "(0010,0020) invalid characters in ... ID",
    "no such patient: Jane Roe, born 1970-01-02": "no such patient ...",
    "missing required field PID-3.1 (segment 2)": "missing required field PID-3.1 segment ...",
    "OBX[2]-5 too long": "OBX[2]-5 too long",
    "ROE-12 not found": "not found",
    "the patient (0009,1234) is unknown": "the patient ... is unknown",
    "transfer syntax 1.2.840.10008.1.2.4.90 is not supported": (
        "transfer syntax 1.2.840.10008.1.2.4.90 is not supported"
    ),
    "instance 1.2.840.10008.1.2.3.4.5 exists": "instance ... exists",
    "instance 1.2.3.4 exists": "instance ... exists",
    "Bad file format": "bad file format",
    "FIELD LONG": "",
    "<b>quota</b> was exceeded": "was exceeded",
    "<b>quota</b> exceeded": "",
    "Jane": "",
    "12345": "",
    "...": "",
    "": "",
    "\x1b[31mred\x1b[0m disk is full": "disk is full",
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_clean(text: str, expected: str) -> None:
    """Known words, keywords, tags and places are told; names, numbers and what is quoted are not."""
    assert expected == clean(text)


PATTERNS = ("PatientName {} is invalid", "{}", "no such patient: {}", 'value "{}" (0010,0020)={}', "{}-3 missing {}")


@given(st.text(min_size=4, max_size=40), st.sampled_from(PATTERNS))
def test_no_value_gets_out(value: str, pattern: str) -> None:
    """Whatever is quoted, no more than words of the lists comes out: not even four characters in a row of a value."""
    told = clean(pattern.replace("{}", value))
    allowed = {*KNOWN, "PatientName", "(0010,0020)", "...", *_terms(value)}
    assert set(told.split()) <= allowed


NAMES = st.from_regex(r"[A-Z]{4,12}\^[A-Z]{4,12}", fullmatch=True) | st.from_regex(r"[0-9]{5,12}", fullmatch=True)


@given(NAMES, st.sampled_from(PATTERNS))
def test_names_and_numbers(value: str, pattern: str) -> None:
    """A name in the form of DICOM and HL7, or a number, never comes out, nor does a run of four of its octets."""
    told = clean(pattern.replace("{}", value))
    assert not any(value[start : start + 4] in told for start in range(len(value) - 3))


def _terms(value: str) -> set[str]:
    """Return what of *value* by itself would be told: the words of the lists that are in it by chance."""
    return {word for each in (value, f"{value}-3", f"a. {value}") for word in clean(each).split()}


@given(st.text())
def test_one_short_line(text: str) -> None:
    """What is told is one short line of ASCII."""
    told = clean(text)
    assert len(told) <= MAX_TOLD
    assert told.isascii()
    assert told.isprintable()


def test_cut() -> None:
    """A long text ends after a whole word."""
    assert "word " * 22 + "word..." == cut("word " * 100)
