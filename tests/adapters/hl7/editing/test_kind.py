"""Fields of HL7v2 that routes ask for."""

import pytest

from adapters.hl7.editing.kind import fields
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from tests.gateway.fakes import FakeArrivingBody
from tests.mllp_client import adt


async def test_fields() -> None:
    """The fields that the message has are read; the message stays as it is."""
    message = Message("m", WholeBody(adt("C1")), {}, {})
    assert ({"PV1-2": "I", "PID-5.2": "NOBODY"}, message) == await fields(["PV1-2", "PID-5.2", "PV1-99", "ZZZ-1"])(
        message
    )


async def test_charset_of_the_listener() -> None:
    """The configured character set counts, whatever MSH-18 says."""
    message = Message("m", WholeBody(adt("C1").replace(b"NOBODY", "MÜLLER".encode("latin-1"))), {}, {}, "8859/1")
    assert {"PID-5.2": "MÜLLER"} == (await fields(["PID-5.2"])(message))[0]


async def test_not_whole() -> None:
    """No field is read of a message that is not in memory."""
    message = Message("m", FakeArrivingBody(), {}, {})
    assert ({}, message) == await fields(["PV1-2"])(message)


@pytest.mark.parametrize("name", ["PV1", "patient", "Modality", "PV1-0", "(0008,0060)"])
def test_no_field(name: str) -> None:
    """A name that is no path of a field is refused when the configuration is read."""
    with pytest.raises(ValueError, match=r"\w"):
        fields([name])
