"""Messages in a file, as a listener would have received them."""

import pytest

from adapters.mllp.sending.trying import lines, read_file
from gateway.contract.body import WholeBody
from tests.mllp_client import adt


def test_messages() -> None:
    """Each message of a file has its own facts and name; framing and batch headers are left out."""
    found = list(read_file(b"BHS|^~\\&|\r" + adt("A") + adt("B") + b"BTS|2\r", "adt"))
    assert [{"control_id": "A"}, {"control_id": "B"}] == [each.identifiers for each in found]
    assert [WholeBody(adt("A")), WholeBody(adt("B"))] == [each.body for each in found]
    assert ("adt", "mllp", "ADT^A01") == tuple(
        found[0].facts[name] for name in ("listener", "protocol", "message_type")
    )


@pytest.mark.parametrize(
    ("data", "problem"), [(b"hello\r", "it holds no HL7v2 message"), (b"\x0bPID|1\r\x1c\r", "does not begin with MSH")]
)
def test_no_message(data: bytes, problem: str) -> None:
    """A file without HL7 is named as that."""
    with pytest.raises(ValueError, match=problem):
        list(read_file(data, "adt"))


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_lines(end: bytes) -> None:
    """Each segment is a line, whatever ends it; octets that are no text are shown as escapes."""
    assert ["MSH|^~\\&", "PID|1|\\xff"] == lines(end.join([b"MSH|^~\\&", b"PID|1|\xff", b""]))
