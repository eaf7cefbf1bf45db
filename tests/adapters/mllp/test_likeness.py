"""What stands where a block should begin, in words that reveal nothing of it."""

import pytest

from adapters.mllp.events import Broken, Fault
from adapters.mllp.framing import Framer
from adapters.mllp.likeness import DICOM, HTTP, LINE_FEED, NO_FRAMING, looks_like

SENT = {
    "HL7 without a frame": (b"MSH|^~\\&|SECRET\r", NO_FRAMING),
    "a batch without a frame": (b"BHS|^~\\&|SECRET\r", NO_FRAMING),
    "LF in place of VT": (b"\nMSH|^~\\&|SECRET\x1c\r", LINE_FEED),
    "behind a block": (b"\x0bMSH|x\x1c\r\nMSH|SECRET", LINE_FEED),
    "CR before HL7": (b"\rMSH|^~\\&|SECRET\r", NO_FRAMING),
    "HTTP": (b"POST /SECRET HTTP/1.1\r\n", HTTP),
    "DICOM": (b"\x01\0\0\0\0\xcd\0\x01\0\0HILUM  SECRET", DICOM),
    "a letter": (b"SECRET", "a letter"),
    "a digit": (b"7SECRET", "a digit"),
    "a control character": (b"\x02SECRET", "a control character"),
    "punctuation": (b"{SECRET", "a punctuation mark"),
    "no ASCII": (b"\xe4SECRET", "an octet that is no ASCII"),
}


@pytest.mark.parametrize(("sent", "likeness"), SENT.values(), ids=SENT)
def test_looks_like(sent: bytes, likeness: str) -> None:
    """Common mistakes are told from each other; the octets themselves are neither in the words nor in the event."""
    broken = Framer(1000).receive_data(sent)[-1]
    assert isinstance(broken, Broken)
    assert looks_like(broken) == likeness
    assert "SECRET" not in repr(broken)


def test_cut_stream() -> None:
    """Where TCP has cut the stream less is known, and the event is the same."""
    framer = Framer(1000)
    framer.receive_data(b"\n")
    *_, broken = framer.receive_data(b"MSH|")
    whole = Framer(1000).receive_data(b"\nMSH|")[-1]
    assert isinstance(broken, Broken)
    assert (looks_like(broken), broken) == (NO_FRAMING, whole)


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.NO_START])
def test_other_faults(fault: Fault) -> None:
    """Other faults are not about the start of a block."""
    assert looks_like(Broken(fault, 0)) is None
