"""The kind ``dimse``."""

from adapters.dimse.kind import DIMSE
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from tests.dicom_files import shipped


def test_title() -> None:
    """Its peers call a listener by its AE title."""
    assert "STORE" == DIMSE.title_of(DimseListenerSettings(port=0, ae_title="STORE"))


def test_subject() -> None:
    """The audit trail learns whom an instance is about."""
    data = shipped("CT_small.dcm").read_bytes()
    message = Message("m", WholeBody(data), {"transfer_syntax_uid": "1.2.840.10008.1.2.1"}, {})
    assert "1CT1" == DIMSE.subject_of(message, data).patient_id
