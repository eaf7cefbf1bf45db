"""Segments of messages, as text."""

import pytest

from adapters.tables.hl7v2.segments import NoMessageError, read

MESSAGE = b'\x0bMSH|^~\\&|A|B\rPID|1||P1^^^H&1.2&ISO^MR~P2||M\xfcller^Anna\\T\\Eva\r\rPV1||I|""\r'


def test_read() -> None:
    """Fields are counted from 1, of MSH the delimiter is the first; text is decoded and unescaped."""
    message = read(MESSAGE, "8859/1")
    assert ["MSH", "PID", "PV1"] == [each.name for each in message.parts]
    header, patient, visit = (message.first(name) for name in ("MSH", "PID", "PV1"))
    assert header is not None
    assert patient is not None
    assert visit is not None
    assert ("|", "A", "B") == (header.fields[0], header.text(3), header.text(4))
    assert ("Müller", "Anna&Eva") == (patient.text(5), patient.text(5, 2))
    assert (["P1^^^H&1.2&ISO^MR", "P2"], "H") == (patient.repetitions(3), patient.text(3, 4))
    assert (None, None, []) == (visit.text(3), visit.text(44), visit.repetitions(44))


@pytest.mark.parametrize("octets", [b"", b"PID|1\r", b"MSH", b"MSHabc\r"])
def test_no_message(octets: bytes) -> None:
    """What does not begin with a header is no message."""
    with pytest.raises(NoMessageError):
        read(octets)
