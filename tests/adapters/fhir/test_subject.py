"""The patients of messages about something else."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.reading import Hl7Message
from adapters.fhir.subject import Subject, subjects
from gateway.contract.outcome import Refused
from tests.adapters.fhir.making import PID, PV1, context, segment


def found(*texts: str, is_about_patient: bool = False) -> list[Subject]:
    """Return the patients in these segments."""
    state = context()
    made = subjects(Hl7Message([segment(each) for each in texts], state.delimiters), state,
                    is_about_patient=is_about_patient)  # fmt: skip
    assert not isinstance(made, Refused)
    return made


@pytest.mark.parametrize(("text", "expected"), [("SCH|1", NO_PATIENT), ("PID|1", NO_PATIENT_ID)])
def test_refused(text: str, expected: Refused) -> None:
    """A message without a patient that can be found again is refused."""
    state = context()
    assert expected == subjects(Hl7Message([segment(text)], state.delimiters), state)


@pytest.mark.parametrize(("is_about_patient", "owns"), [(False, False), (True, True)])
def test_owned(is_about_patient: bool, owns: bool) -> None:
    """The patient is changed only by a message that is about the patient, and the visit never."""
    (subject,) = found(PID, PV1, is_about_patient=is_about_patient)
    assert subject.visit is not None
    assert (owns, False) == (bool(subject.owner.owns), bool(subject.visit.owns))


def test_groups() -> None:
    """Each PID begins a patient with visit and diagnoses of its own."""
    one, other = found(PID, PV1, "DG1|1||I10^^I10", PID.replace("|7^", "|9^"))
    assert (1, True, 0, None) == (len(one.conditions), one.visit is not None, len(other.conditions), other.visit)


def test_notes() -> None:
    """A comment after something else than an OBX is no comment on the observation."""
    (subject,) = found(PID)
    texts = ("OBX|1|NM|1^x^LN||5", "NTE|1||a", "AIS|1", "NTE|1||b")
    (made,) = subject.observe([segment(each) for each in texts], ("k",), context())
    assert ["a"] == [each["text"] for each in made.body["note"]]
