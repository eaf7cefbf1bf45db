"""The patients of messages about something else."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.context import Options
from adapters.fhir.local import local_row
from adapters.fhir.reading import Hl7Message
from adapters.fhir.subject import Subject, subjects
from adapters.fhir.tables import Row
from gateway.contract.outcome import Refused
from tests.adapters.fhir.making import PID, PV1, context, segment

FULL = PID + "|" * 13 + "A1^^^HOSP"
IN1 = "IN1|1|PLAN|C1|Insurer"


def found(*texts: str, about: frozenset[str] = frozenset(), has_account: bool = False) -> list[Subject]:
    """Return the patients in these segments."""
    state = context()
    parts = [segment(each) for each in texts]
    made = subjects(Hl7Message(parts, state.delimiters), state, about, has_account=has_account)
    assert not isinstance(made, Refused)
    return made


@pytest.mark.parametrize(("text", "expected"), [("SCH|1", NO_PATIENT), ("PID|1", NO_PATIENT_ID)])
def test_refused(text: str, expected: Refused) -> None:
    """A message without a patient that can be found again is refused."""
    state = context()
    assert expected == subjects(Hl7Message([segment(text)], state.delimiters), state)


@pytest.mark.parametrize("kind", ["Patient", "Account", "Coverage", ""])
def test_owned(kind: str) -> None:
    """A message changes what it is about; what it only names stays as it is."""
    (subject,) = found(FULL, PV1, IN1, about=frozenset({kind}), has_account=True)
    assert subject.visit is not None
    assert subject.account is not None
    named = (subject.owner, subject.account, subject.visit, *subject.insurances)
    assert {each.kind: each.kind == kind for each in named} == {each.kind: bool(each.owns) for each in named}


def test_accounts() -> None:
    """Accounts are those of messages about money, or with a guarantor; an insurance is listed in the account."""
    assert found(FULL)[0].account is None
    assert found(FULL, "GT1|1||Test^Eva")[0].account is not None
    (subject,) = found(FULL, IN1, "GT1|1||Test^Eva", has_account=True)
    assert subject.account is not None
    assert {"coverage", "guarantor"} <= subject.account.body.keys()


def test_visits() -> None:
    """Each PV1 is a visit of the same patient, with its own diagnoses."""
    one, other = found(PID, "DG1|1||A^^I10", PV1, "DG1|1||B^^I10", PV1.replace("V1^", "V2^"), "DG1|1||C^^I10")
    assert one.owner is other.owner
    assert (2, 1) == (len(one.conditions), len(other.conditions))


def test_local_fields() -> None:
    """Fields that the settings map are those of the patient, and of the visit to which they belong."""
    names = ("Patient", "Encounter")
    local: dict[tuple[str, str], tuple[tuple[str, Row], ...]] = {}
    for name in names:
        segment_name, resource, row = local_row("ZPD-1", f"{name}.extension(https://x.example/a)", "ST", "")
        local["", segment_name] = (*local.get(("", segment_name), ()), (resource, row))
    state = context(Options(local_rows=local))
    parts = [segment(each) for each in (PID, PV1, "ZPD|red", PV1.replace("V1^", "V2^"), "ZPD|blue")]
    assert not isinstance(subjects(Hl7Message(parts, state.delimiters), state), Refused)
    values = [[value["valueString"] for value in each.body["extension"]] for each in state.bundle if each.kind in names]
    assert [["red", "blue"], ["red"], ["blue"]] == values


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
