"""In fields that say how a message is read stays what HL7 defines, and no name."""

import pytest

from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.hl7v2.support import changed, field, message, through


@pytest.mark.parametrize(
    ("name", "number", "value", "kept"),
    [
        ("MSH", 9, "ADT^A08^ADT_A01", "ADT^A08^ADT_A01"),
        ("MSH", 9, "ORU^R01", "ORU^R01"),
        ("MSH", 9, "ADT^A08^ADT_A01^Smith~Smith", "ADT^A08^ADT_A01"),
        ("MSH", 9, "ADT^A08&Smith", "ADT^A08"),
        ("MSH", 11, "P", "P"),
        ("MSH", 11, "P^Smith", "P"),
        ("MSH", 11, "Smith", ""),
        ("MSH", 12, "2.5.1^USA", "2.5.1"),
        ("MSH", 12, "2.3", "2.3"),
        ("MSH", 12, "Smith", ""),
        ("MSH", 15, "AL", "AL"),
        ("MSH", 16, "Smith", ""),
        ("MSH", 18, "UNICODE UTF-8^Smith~Smith~ASCII", "UNICODE UTF-8~ASCII"),
        ("OBX", 2, "NM", "NM"),
        ("OBX", 2, "Smith", ""),
    ],
)
def test_kept(name: str, number: int, value: str, kept: str) -> None:
    """Only the defined part stays."""
    assert through(name, number, value) == kept


@pytest.mark.parametrize("kind", ["", "John Smith", "ORU^R01^Smith"])
def test_message_type(kind: str) -> None:
    """Without a message type of HL7's form the message is held back; an empty one stays empty."""
    if not kind:
        assert through("MSH", 9, kind) == ""
        return
    with pytest.raises(HeldBackError) as caught:
        through("MSH", 9, kind)
    assert "Smith" not in str(caught.value)


def test_delimiters() -> None:
    """MSH-2 is the delimiters themselves."""
    assert field(changed(message()), "MSH", 2) == "^~\\&"


def test_kept_segment() -> None:
    """Also in a segment that stays as a whole, a structural field has only what HL7 defines."""
    made = changed(message("OBX|1|Smith|X^^L||well"), keep_segments=("OBX",))
    assert made[2] == "OBX|1||X^^L||well"
