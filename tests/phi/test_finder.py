"""The finder of leaks finds them: a test of a test."""

import pytest

from tests.phi.canaries import CANARY, canary_adt, canary_instance, canary_of
from tests.phi.finder import control_ids, counts, dicom_values, hl7_values, leaks, senders

ADT = (
    b"MSH|^~\\&|EPIC|NORTH|||2024||ADT^A01|C100|P|2.5\r"
    b"PID|1||889911^^^NORTH^MR||DOE^JANE||19700102|F\rNK1|1|ROE^RICHARD\r"
)


def test_hl7_values() -> None:
    """Names, numbers and dates of patient and relatives are values; tables, authorities and short ones are not."""
    assert {"889911", "JANE", "19700102", "RICHARD"} == hl7_values(ADT)


def test_dicom_values() -> None:
    """Group 0010, accession number and physicians are values."""
    found = dicom_values(canary_instance("1.2.3", "1.2.3.4"))
    assert {canary_of(name) for name in ("PatientName", "AccessionNumber", "ReferringPhysicianName")} <= found


@pytest.mark.parametrize(
    "emitted",
    [
        '{"event": "x", "reason": "no such patient: JANE"}',
        "ValueError: b'PID|1||889911^^^NORTH^MR'",
        "refused jane.",
        'hilum_answers_total{reason="RICHARD"} 1.0',
    ],
)
def test_planted_leak(emitted: str) -> None:
    """A value that was planted in a log line, an exception or a metric is found."""
    assert 1 == len(leaks(emitted.replace("jane.", "jane"), hl7_values(ADT)))


def test_no_leak() -> None:
    """What is part of another word or number, or said where there is no patient, is none."""
    assert [] == leaks("janet 1889911 0.19700102", hl7_values(ADT))
    assert [] == leaks("Richard", hl7_values(ADT), ordinary="richard stallman")


def test_control_id_is_no_leak() -> None:
    """A control ID may be logged, also where the sender made it the patient's number."""
    assert "889911" not in hl7_values(ADT.replace(b"C100", b"889911"))


def test_control_ids() -> None:
    """The control ID of every message of a batch is found."""
    assert {"C100", "C200"} == control_ids(b"BHS|^~\\&\r" + ADT + ADT.replace(b"C100", b"C200"))


def test_senders() -> None:
    """Application and facility of every message of a batch are found."""
    batch = b"BHS|^~\\&\rMSH|^~\\&|LAB|MAIN|HIS||1\rPID|1\rMSH|^~\\&|RIS|\r"
    assert {"LAB", "MAIN", "RIS", ""} == senders(batch)


@pytest.mark.parametrize(("value", "expected"), [("Ann", False), ("Anna", True), ("12345", False), ("123456", True)])
def test_noise(value: str, expected: bool) -> None:
    """Short words and short numbers do not count."""
    assert expected == counts(value)


def test_canaries_are_everywhere() -> None:
    """Every field of the PID of a generated message is a canary of its own."""
    segment = next(each for each in canary_adt("C1").split(b"\r") if each.startswith(b"PID"))
    fields = segment.decode().split("|")[1:]
    assert all(CANARY in each for each in fields)
    assert len(fields) == len(set(fields)) == 39
