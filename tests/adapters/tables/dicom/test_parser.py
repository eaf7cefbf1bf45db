"""Data sets in all encodings become the DICOM JSON of the sandbox's store, which pydicom makes."""

import json
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from adapters.dicom.encoding import EXPLICIT_LITTLE, Malformed
from adapters.tables.dicom import parser
from adapters.tables.dicom.data_set import DataSet
from adapters.tables.dicom.parser import ShortError, head_at, read_element, scope_of
from adapters.tables.dicom.reading import read_file
from gateway.sandbox.dicom.file import Instance, inspect
from tests.adapters.dicom.instances import SYNTAXES, element, item, part10, written

UNDEFINED = 0xFFFFFFFF
UIDS = (
    element(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.2\0")
    + element(0x00080018, "UI", b"1.2.3\0")
    + element(0x0020000D, "UI", b"1.2\0")
    + element(0x0020000E, "UI", b"1.1\0")
)


def read(octets: bytes) -> DataSet:
    """Read a data set that is in memory as a whole."""
    scope, at = scope_of(EXPLICIT_LITTLE, octets, 0), 0
    while at < len(octets):
        at = read_element(octets, head_at(octets, at, scope), scope)
    return scope.data_set


def judged(path: Path, octets: bytes) -> tuple[object, object]:
    """Return what the sandbox and the parser make of a file."""
    path.write_bytes(octets)
    instance = inspect(path)
    assert isinstance(instance, Instance), instance
    return json.loads(instance.metadata), json.loads(json.dumps(read_file(path).data_set.json))


def whole() -> Dataset:
    """Return a data set with text, numbers, nested sequences and private elements."""
    data_set = Dataset()
    data_set.SpecificCharacterSet = "ISO_IR 192"
    data_set.SOPClassUID, data_set.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = "1.2", "1.1"
    data_set.PatientName, data_set.PatientID = "Müller^Ä", "P 1"
    data_set.PixelRepresentation, data_set.SmallestImagePixelValue = 1, -5
    data_set.PixelSpacing, data_set.InstanceNumber = ["0.5", "1.50"], "7"
    data_set.FrameIncrementPointer = 0x00181063
    code, inner = Dataset(), Dataset()
    code.CodeValue, code.CodeMeaning = "A", "Übel"
    inner.ConceptNameCodeSequence = [code]
    inner.SmallestImagePixelValue = -7
    data_set.ContentSequence = [inner, Dataset()]
    data_set.ReferencedStudySequence = []
    block = data_set.private_block(0x0009, "GEMS_IDEN_01", create=True)
    block.add_new(0x02, "SH", "CT01")
    block.add_new(0x99, "UN", b"\1\2")
    return data_set


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_as_the_store(tmp_path: Path, syntax: str) -> None:
    """In each transfer syntax the JSON is that of the store."""
    expected, found = judged(tmp_path / "x.dcm", written(whole(), syntax))
    assert expected == found


@pytest.mark.parametrize(
    "octets",
    [
        element(0x00101010, "UN", b"010Y"),
        element(0x00091010, "UN", b"\1"),
        element(0x00090010, "UN", b"NAME"),
        element(
            0x00081140, "SQ", item(element(0x00080100, "SH", b"A "), UNDEFINED) + b"\xfe\xff\xdd\xe0\0\0\0\0", UNDEFINED
        ),
        element(0x00081140, "SQ", item(b"\x08\0\0\1\2\0\0\0A ")),
        element(0x00081140, "UN", item(b"\x08\0\0\1\2\0\0\0A ") + b"\xfe\xff\xdd\xe0\0\0\0\0", UNDEFINED),
        element(0x00081140, "SQ", b"no items"),
        b"\x10\0\x10\x10\4\0\0\x00010Y",
        element(0x00100010, "PN", b"A\\\\B"),
        element(0x00200013, "IS", b"1.0 "),
        element(0x00281052, "DS", b"no"),
        element(0x00281052, "DS", b"1\\  "),
        element(0x00420011, "OB", bytes(2000)),
        element(0x00090000, "UL", bytes(4)),
    ],
    ids=range(14),
)
def test_oddities(tmp_path: Path, octets: bytes) -> None:
    """What is not as it should be is what the store makes of it."""
    expected, found = judged(tmp_path / "x.dcm", part10(UIDS + octets))
    assert expected == found


def test_digits() -> None:
    """Decimals keep their digits beside the JSON, also within sequences."""
    found = read(element(0x00081140, "SQ", item(element(0x00281052, "DS", b"1.50"))) + element(0x00281053, "DS", b"-0"))
    assert ({"00281053": ["-0"]}, {"00281052": ["1.50"]}) == (found.texts, found.items["00081140"][0].texts)


@pytest.mark.parametrize("cut", range(1, 40))
def test_short(cut: int) -> None:
    """Whatever is cut off, more octets are asked for, and nothing is guessed."""
    octets = element(0x00081140, "SQ", item(element(0x00080100, "SH", b"ABCD")))
    with pytest.raises(ShortError):
        read(octets[: min(cut, len(octets) - 1)])


def test_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sequences that are nested too deeply are refused before the stack ends; shallower data are read."""
    octets = b""
    for _ in range(parser.MOST_DEPTH + 1):
        octets = element(0x00081140, "SQ", item(octets, UNDEFINED) + b"\xfe\xff\xdd\xe0\0\0\0\0", UNDEFINED)
    with pytest.raises(Malformed, match="more deeply than 64"):
        read(octets)
