"""One field as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.reading import read_field
from tests.adapters.hl7.editing.making import MSH, message

DATA = message("PID|1||123^^^H&1.2~456|x\\F\\y| |M\xfcller", "OBX|1|NM", "OBX|2|ST", "PV1|1|I^Inpatient")

READ = {
    "PV1-2": "I",
    "PV1-2.2": "Inpatient",
    "PID-3": "123",
    "PID-3.4": "H",
    "PID-3.4.2": "1.2",
    "PID-3[2]": "456",
    "PID-3[3]": None,
    "PID-4": "x|y",
    "PID-5": None,
    "PID-6": "Müller",
    "PID-7": None,
    "OBX-2": "NM",
    "OBX[2]-2": "ST",
    "OBX[3]-2": None,
    "ZPD-1": None,
    "PID": None,
    "MSH-1": "|",
    "MSH-2": "^~\\&",
    "MSH-3": "HIS",
    "MSH-9.2": "A01",
    "MSH-10": "C1",
}


@pytest.mark.parametrize(("path", "text"), READ.items(), ids=READ)
def test_read(path: str, text: str | None) -> None:
    """The text of the first segment and repetition is read, and nothing where there is none."""
    assert text == read_field(DATA, Path.parse(path))


def test_charset() -> None:
    """The text is decoded in the message's character set, or the listener's; what it lacks is tolerated."""
    named = message("PID|1|M\xfcller", codec="latin-1", header=MSH + "||||||8859/1")
    unnamed = message("PID|1|M\xfcller", codec="latin-1")
    path = Path.parse("PID-2")
    assert ("Müller", "Müller", "M\ufffdller") == (
        read_field(named, path),
        read_field(unnamed, path, "8859/1"),
        read_field(unnamed, path),
    )


def test_doubled_delimiters() -> None:
    """Where MSH-2 names one character for two delimiters, a value with that character is none."""
    data = b"MSH|^^\\&|A\rPID|a^b|c\r"
    assert (None, "c") == (read_field(data, Path.parse("PID-1")), read_field(data, Path.parse("PID-2")))


def test_a_long_text_is_cut() -> None:
    """Of a long text its beginning is read."""
    assert "x" * 1024 == read_field(message("OBX|" + "x" * 5000), Path.parse("OBX-1"))


@given(st.binary(max_size=100), st.sampled_from([*READ]), st.sampled_from([None, "BIG-5", "~ISO IR87", "KLINGON"]))
def test_never_raises(rest: bytes, path: str, charset: str | None) -> None:
    """Whatever the message, a text is read, or nothing."""
    for data in (rest, b"MSH" + rest, b"MSH|^~\\&|A\rPID|" + rest):
        assert read_field(data, Path.parse(path), charset) != ""
