"""Elements of DICOM that routes ask for."""

import pytest

from adapters.dicom.kind import fields
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from tests.dicom_files import shipped


async def test_fields() -> None:
    """The elements that the instance has are read; its body is passed on complete."""
    data = shipped("CT_small.dcm").read_bytes()
    found, message = await fields(["Modality", "(0010,0020)", "AccessionNumber", "PatientComments"])(
        Message("m", WholeBody(data), {}, {})
    )
    assert ("CT", "1CT1") == (found["Modality"], found["(0010,0020)"])
    assert "PatientComments" not in found
    assert data == b"".join([bytes(chunk) async for chunk in message.body.chunks()])


@pytest.mark.parametrize("name", ["PV1-2", "modality of the day", "PixelData", "(7FE0,0010)", "(0008,1140)"])
def test_no_field(name: str) -> None:
    """A name that is no element before the pixel data is refused when the configuration is read."""
    with pytest.raises(ValueError, match=r"\w"):
        fields([name])
