"""What pydicom makes of odd values; nothing of them is told to anybody."""

import logging
import warnings

import pytest

from adapters.tables.dicom.odd import decoder, element_by_pydicom, encodings_of, items_by_pydicom, private_vr


@pytest.mark.parametrize(
    ("vr", "octets", "element"),
    [
        ("IS", b"1.0 ", {"vr": "IS", "Value": [1]}),
        ("DS", b"abc ", None),
        ("PN", "Äneas^=山".encode(), {"vr": "PN", "Value": [{"Alphabetic": "Äneas^", "Ideographic": "山"}]}),
        ("OB", bytes(769), None),
        ("ZZ", b"a", None),
    ],
)
def test_element(vr: str, octets: bytes, element: object) -> None:
    """The library decides; what it cannot read is left out."""
    assert element == element_by_pydicom(0x00100010, vr, octets, "<", encodings_of(("ISO_IR 192",)))


def test_plain_types() -> None:
    """Values are Python's own texts and numbers, at the top and in items: others cannot be encoded."""
    item = b"\xfe\xff\x00\xe0\x0e\x00\x00\x00\x20\x00\x0e\x00UI\x06\x001\n.2\x00\x08"
    items = items_by_pydicom(item, "<", implicit=False, encodings=("iso8859",))
    element = element_by_pydicom(0x00080018, "UI", b"1\n.2", "<", ("iso8859",))
    assert items is not None
    assert element is not None
    assert {str} == {type(value) for each in (items[0].json["0020000E"], element) for value in each["Value"]}


def test_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Its warnings and log lines quote values: none comes out, and its logger is as it was."""
    with warnings.catch_warnings(record=True) as told, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        element_by_pydicom(0x00080020, "DA", b"SECRET..", "<", ("iso8859",))
        element_by_pydicom(0x00080020, "IS", b"SECRET", "<", ("iso8859",))
    assert ([], "") == (told, caplog.text)
    assert not logging.getLogger("pydicom").disabled


def test_texts() -> None:
    """Text is decoded in the character sets of the data set."""
    assert "Ж\\x" == decoder(encodings_of(("ISO_IR 144",)))(b"\xb6\\x")
    assert "ascii" == decoder(("iso8859",))(b"ascii")


def test_items() -> None:
    """Whatever is in the value of a sequence, pydicom's items are taken; without any there is no sequence."""
    octets = b"\xfe\xff\x00\xe0\x0c\0\0\0\x08\0\0\1SH\4\0A\\B "
    found = items_by_pydicom(octets, "<", False, ("iso8859",))
    assert found is not None
    assert [{"00080100": {"vr": "SH", "Value": ["A", "B"]}}] == [each.json for each in found]
    assert items_by_pydicom(b"\1", "<", False, ("iso8859",)) is None


def test_private() -> None:
    """Private elements that pydicom knows have their representation, others are UN."""
    assert ("UL", "UN") == (
        private_vr(0x00091027, "GEMS_IDEN_01").replace("SL", "UL"),
        private_vr(0x00091027, "NOBODY"),
    )
