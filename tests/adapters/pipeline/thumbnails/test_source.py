"""What is read of an instance for its thumbnail."""

import zlib
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from adapters.pipeline.thumbnails import source
from adapters.pipeline.thumbnails.decoding import pixels_tag
from adapters.pipeline.thumbnails.errors import NoPictureError
from adapters.pipeline.thumbnails.source import EXPLICIT, IMPLICIT, NOT_READ, TOO_LONG, WANTED, opened
from tests.adapters.pipeline.thumbnails.made import data_set, octets, ramp, written
from tests.dicom_files import shipped


def deflated(whole: bytes) -> bytes:
    """Return an instance with its data set deflated (PS3.5 A.5)."""
    made = data_set(ramp())
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    start = 144 + int.from_bytes(whole[140:144], "little")
    meta = written(made)
    end = 144 + int.from_bytes(meta[140:144], "little")
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return meta[:end] + deflater.compress(whole[start:]) + deflater.flush()


def test_no_names() -> None:
    """Names are not even read."""
    with opened(octets(ramp(), PatientID="4815162")) as found:
        assert {each.keyword for each in found.header} <= set(WANTED)
        assert found.header.Rows == 64
        assert (found.syntax, "Patient" in str(found.header)) == (EXPLICIT, False)


def test_octets_and_files(tmp_path: Path) -> None:
    """Octets and a file give the same; the position is that of the pixel data."""
    whole = octets(ramp())
    path = tmp_path / "1.dcm"
    path.write_bytes(whole)
    for given in (whole, path):
        with opened(given) as found:
            found.file.seek(found.pixels)
            assert found.file.read(4) == b"\xe0\x7f\x10\0"
            assert found.pixels == whole.index(b"\xe0\x7f\x10\0")


def test_deflated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deflated data set is inflated up to a limit, and read like another one."""
    whole = octets(ramp())
    with opened(deflated(whole)) as found:
        assert (found.syntax, found.header.Columns) == (EXPLICIT, 64)
        found.file.seek(found.pixels)
        assert found.file.read(4) == b"\xe0\x7f\x10\0"
    monkeypatch.setattr(source, "MOST_INFLATED", 4096)
    with pytest.raises(NoPictureError, match=TOO_LONG), opened(deflated(whole)):
        pass


def test_without_meta() -> None:
    """The syntax of a data set without File Meta Information is found by looking at it."""
    with opened(shipped("ExplVR_LitEndNoMeta.dcm")) as found:
        assert found.syntax == EXPLICIT
    with opened(shipped("no_meta.dcm")) as found:
        assert found.syntax in {IMPLICIT, EXPLICIT}


NONSENSE: dict[str, Any] = {
    "nothing": b"",
    "a text": b"This is no DICOM instance, and longer than a preamble. " * 9,
    "cut in its header": octets(ramp())[:300],
    "a deflated data set that is none": deflated(octets(ramp()))[:500],
}


@pytest.mark.parametrize("given", NONSENSE.values(), ids=NONSENSE)
def test_nonsense(given: bytes) -> None:
    """What is no instance is refused, or has no pixels; no other error comes out, and no word of it."""
    try:
        with opened(given) as found:
            assert pixels_tag(found) is None
    except NoPictureError as error:
        assert str(error) == NOT_READ  # noqa: PT017
