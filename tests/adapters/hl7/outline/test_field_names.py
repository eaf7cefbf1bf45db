"""The names of fields are those of HL7, as hl7apy has them."""

from adapters.hl7.outline.field_names import field_name
from tests.adapters.hl7.outline.write_field_names import PATH, text


def test_names() -> None:
    """A field has its name; one that HL7 does not know has none."""
    assert "Patient name" == field_name("PID", 5)
    assert "Message control id" == field_name("MSH", 10)
    assert ("", "", "") == (field_name("PID", 0), field_name("PID", 400), field_name("ZXX", 1))


def test_file() -> None:
    """The file is what its script writes."""
    assert text() == PATH.read_text()
