"""Elements are read from the beginning of an instance, which is then passed on complete."""

from collections.abc import AsyncIterator

import pytest
from pydicom.dataset import Dataset

from adapters.dicom.elements import MOST, element_tag, read_elements
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.errors import LocalProtocolError
from tests.adapters.dicom.instances import SYNTAXES, element, item, part10, written
from tests.adapters.dicom.test_step import Arriving, octets

MODALITY, PATIENT, ROWS, NAME = 0x00080060, 0x00100020, 0x00280010, 0x00100010


def instance() -> Dataset:
    """Return a data set."""
    made = Dataset()
    made.SpecificCharacterSet, made.Modality, made.PatientName, made.ImageType = (
        "ISO_IR 100",
        "CT",
        "Müller",
        ["A", "B"],
    )
    made.ReferencedStudySequence = [Dataset()]
    made.ReferencedStudySequence[0].PatientID = "INNER"
    made.PatientID, made.Rows, made.PixelData = "ID", 512, bytes(100)
    made["PixelData"].VR = "OW"
    return made


def cut(file: bytes, size: int) -> list[bytes]:
    """Return *file* in pieces of *size*."""
    return [file[at : at + size] for at in range(0, len(file), size)]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("size", [1, 100, 10_000])
async def test_values(syntax: str, size: int) -> None:
    """Texts and numbers are read in every encoding; the new body has every octet."""
    file = written(instance(), syntax)
    wanted = (MODALITY, PATIENT, ROWS, NAME, 0x00080008, 0x00100021)
    values, body = await read_elements(Arriving(cut(file, size), len(file)), wanted)
    assert {MODALITY: "CT", PATIENT: "ID", ROWS: "512", NAME: "Müller", 0x00080008: "A\\B"} == values
    assert file == await octets(body)
    assert len(file) == body.length


async def test_no_more_than_needed() -> None:
    """The reading does not wait for octets after the last wanted element."""
    file = written(instance())
    taken = []

    async def chunks() -> AsyncIterator[Buffer]:
        for piece in cut(file, 10):
            taken.append(piece)
            yield piece

    body = Arriving([])
    body.chunks = chunks  # type: ignore[method-assign]
    values, _ = await read_elements(body, [MODALITY])
    assert {MODALITY: "CT"} == values
    assert file.index(b"CT") + 12 > sum(map(len, taken))


async def test_body_in_memory() -> None:
    """A body that can be read again stays what it is."""
    body = WholeBody(written(instance()))
    assert ({PATIENT: "ID"}, body) == await read_elements(body, [PATIENT])


async def test_read_once() -> None:
    """The new body can be read once."""
    _, body = await read_elements(Arriving([written(instance())]), [PATIENT])
    await octets(body)
    with pytest.raises(LocalProtocolError):
        await octets(body)


ABSENT = {
    "cut": part10(element(PATIENT, "LO", b"ID", 20)),
    "no DICOM": bytes(300),
    "behind what is read": part10(element(0x00090010, "OB", bytes(2 * MOST)) + element(PATIENT, "LO", b"ID")),
    "in a sequence": part10(element(0x00081110, "SQ", item(element(PATIENT, "LO", b"ID")))),
    "behind the pixel data": part10(element(0x7FE00010, "OW", b"") + element(PATIENT, "LO", b"ID")),
    "no stream": part10(b"\xff" * 20, SYNTAXES[3], deflate=False),
    "empty": b"",
}


@pytest.mark.parametrize("file", ABSENT.values(), ids=ABSENT)
async def test_absent(file: bytes) -> None:
    """Elements that cannot be read, or not within the limits, count as absent."""
    body: Body = Arriving(cut(file, 4096))
    values, body = await read_elements(body, [PATIENT])
    assert {} == values
    assert file == await octets(body)


async def test_deflated_bomb() -> None:
    """A deflated data set is inflated only up to the limit for reading."""
    file = part10(element(0x00090010, "OB", bytes(64 * MOST)) + element(PATIENT, "LO", b"ID"), SYNTAXES[3])
    values, body = await read_elements(Arriving([file]), [PATIENT])
    assert {} == values
    assert file == await octets(body)


@pytest.mark.parametrize(("text", "tag"), [("Modality", MODALITY), ("(0008,0060)", MODALITY), ("00280010", ROWS)])
def test_tag(text: str, tag: int) -> None:
    """An element is named by keyword or tag."""
    assert tag == element_tag(text)


@pytest.mark.parametrize(
    "text", ["Modalities", "RequestAttributesSequence", "(0040,0275).AccessionNumber", "PixelData", '(0009,"A",10)']
)
def test_no_tag(text: str) -> None:
    """An element that a route cannot match is an error."""
    with pytest.raises(ValueError, match=text.split("(", maxsplit=1)[0] or "no|match"):
        element_tag(text)


async def test_nothing_wanted() -> None:
    """If no element is wanted, nothing is read."""
    body = Arriving([written(instance())])
    assert ({}, body) == await read_elements(body, [])
