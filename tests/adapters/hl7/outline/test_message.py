"""The outline of a message names its fields and shows no value."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.outline.message import outline
from gateway.contract.outline import MOST_PARTS, Part
from tests.phi.canaries import CANARY, canary_adt
from tests.phi.finder import hl7_values, leaks

MESSAGE = b"MSH|^~\\&|LAB||HILUM||20260102||ORU^R01|17|P|2.5.1\rPID|||123~456||DOE^JOHN^A\rZXX|1\r"


def test_fields() -> None:
    """Each field that has a value is there, with its number, its name and its length."""
    parts = outline(MESSAGE)
    assert Part("MSH-2", "Encoding characters", 4) == parts[0]
    assert Part("PID-3", "Patient identifier list", 7, "2 repetitions") in parts
    assert Part("PID-5", "Patient name", 10, "3 components") in parts
    assert Part("ZXX-1", "", 1) == parts[-1]
    assert "MSH-4" not in [each.place for each in parts]


def test_own_delimiters() -> None:
    """The delimiters are those of the message."""
    parts = outline(b"MSH#*~\\&#LAB\nPID###1*2\n")
    assert [Part("MSH-2", "Encoding characters", 4), Part("MSH-3", "Sending application", 3)] == parts[:2]
    assert Part("PID-3", "Patient identifier list", 3, "2 components") == parts[2]


def test_no_header() -> None:
    """Without a header the usual delimiters are assumed; text is counted and not shown."""
    assert [Part("PID-5", "Patient name", 3)] == outline(b"PID|||||DOE")
    assert [Part("", "", 8, "a line that is no segment")] == outline(b"John Doe\r")
    assert [] == outline(b"")


def test_no_value() -> None:
    """Nothing that identifies somebody is in the outline."""
    payload = canary_adt("C1")
    shown = str(outline(payload))
    assert CANARY not in shown
    assert [] == leaks(shown, hl7_values(payload))


def test_most() -> None:
    """A message of a million fields has an outline that a person can read."""
    assert MOST_PARTS == len(outline(b"MSH|^~\\&|A\rOBX" + b"|A" * 1_000_000))


@given(st.binary(max_size=300))
def test_any_octets(payload: bytes) -> None:
    """Whatever comes, an outline is made, and each place in it is a segment's name and a number."""
    for each in outline(payload):
        assert each.place == "" or each.place[3] == "-"


@given(st.binary(max_size=60))
def test_any_rest(rest: bytes) -> None:
    """The same after a header."""
    outline(b"MSH" + rest)
