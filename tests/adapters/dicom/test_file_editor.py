"""A whole file is edited as it comes, deflated or not."""

import zlib

import pytest

from adapters.dicom.encoding import Malformed
from tests.adapters.dicom.instances import DEFLATED, EXPLICIT, edit, element, part10, plain, read

DATA_SET = (
    element(0x00080018, "UI", b"1.2.3\0")
    + element(0x00100020, "LO", b"ID")
    + element(0x7FE00010, "OW", bytes(range(256)) * 400)
)


@pytest.mark.parametrize("syntax", [EXPLICIT, DEFLATED])
@pytest.mark.parametrize("size", [1, 77, 100_000])
def test_instance_gets_another_name(syntax: str, size: int) -> None:
    """The File Meta Information follows the SOP Instance UID and the SOP Class UID."""
    asked = {"SOPInstanceUID": "1.2.840.99", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"}
    result = read(edit(part10(DATA_SET, syntax), [size], set=asked))
    assert ("1.2.840.99", asked["SOPClassUID"]) == (result.SOPInstanceUID, result.SOPClassUID)
    meta = result.file_meta
    assert (result.SOPInstanceUID, result.SOPClassUID) == (
        meta.MediaStorageSOPInstanceUID,
        meta.MediaStorageSOPClassUID,
    )


@pytest.mark.parametrize("size", [1, 77, 100_000])
def test_deflated(size: int) -> None:
    """A deflated data set is edited as any other, and ends with an even octet (PS3.5 A.5)."""
    file = part10(DATA_SET, DEFLATED)
    result = edit(file, [size], set={"PatientID": "NEW"})
    assert result == edit(file, set={"PatientID": "NEW"})
    assert DATA_SET.replace(element(0x00100020, "LO", b"ID"), element(0x00100020, "LO", b"NEW ")) == plain(result)
    assert len(result) % 2 == 0


def deflated(data: bytes) -> bytes:
    """Return a raw deflate stream."""
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


BROKEN = {
    "no deflate stream": b"\xff" * 50,
    "a stream that is cut": deflated(DATA_SET)[:-30],
    "nothing": b"",
    "an element that is cut": deflated(DATA_SET[:20]),
}


@pytest.mark.parametrize("stream", BROKEN.values(), ids=BROKEN)
def test_broken_stream(stream: bytes) -> None:
    """A deflate stream that is invalid, incomplete or too large is refused."""
    with pytest.raises(Malformed):
        edit(part10(stream, DEFLATED, deflate=False), set={"PatientID": "NEW"})


def test_file_without_data_set() -> None:
    """A file that ends before its data set begins is refused."""
    with pytest.raises(Malformed, match="is incomplete"):
        edit(part10(DATA_SET)[:150], set={"PatientID": "NEW"})
