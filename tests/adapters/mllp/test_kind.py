"""The kind ``mllp``."""

import pytest

from adapters.mllp.kind import MLLP
from gateway.contract.body import Body, WholeBody
from gateway.contract.message import Message
from tests.gateway.fakes import FakeArrivingBody
from tests.mllp_client import adt


@pytest.mark.parametrize(
    ("body", "patient"),
    [(WholeBody(adt("C1")), "0000001|TEST"), (WholeBody(b"MSH|"), None), (FakeArrivingBody(), None)],
)
def test_patient(body: Body, patient: str | None) -> None:
    """The patient is read from a whole message that names one."""
    assert patient == MLLP.patient_of(Message("m", body, {}, {}))


def test_subject() -> None:
    """The audit trail learns whom a message is about."""
    subject = MLLP.subject_of(Message("m", WholeBody(b""), {}, {}), adt("C1"))
    assert ("0000001^^^TEST^MR", "TEST^NOBODY") == (subject.patient_id, subject.patient_name)
