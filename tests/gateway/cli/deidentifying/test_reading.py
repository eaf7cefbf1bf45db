"""What a file is shows in its octets; NDJSON is read in parts that together are all of it."""

import gzip
from pathlib import Path

import pytest

from gateway.cli.deidentifying import reading, units
from gateway.cli.deidentifying.reading import (
    NotReadError,
    ReadFailedError,
    format_of,
    instance_of,
    messages_of,
    texts_of,
)
from gateway.cli.deidentifying.units import Unit, units_of
from tests.dicom_files import shipped
from tests.gateway.cli.deidentifying.support import HL7, patient


def unit(path: Path, data: bytes) -> Unit:
    """Write a file and return its unit."""
    path.write_bytes(data)
    (found,) = units_of(path, path.parent / "out")
    return found


FORMATS = {
    "dicom": ("a", shipped("CT_small.dcm").read_bytes(), "dicom"),
    "hl7v2": ("a.dcm", HL7.encode(), "hl7v2"),
    "MLLP": ("a", b"\x0b" + HL7.encode(), "hl7v2"),
    "batch": ("a", b"FHS|^~\\&\rBHS|^~\\&\r" + HL7.encode(), "hl7v2"),
    "byte order mark": ("a", b"\xef\xbb\xbf" + HL7.encode(), "hl7v2"),
    "fhir": ("a.txt", b"\n " + patient(1), "fhir"),
    "compressed": ("a.json.gz", gzip.compress(patient(1)), "fhir"),
    "lines": ("a.NDJSON", patient(1), "lines"),
    "compressed lines": ("a.ndjson.gz", gzip.compress(patient(1)), "lines"),
    "compressed instance": ("a.gz", gzip.compress(shipped("CT_small.dcm").read_bytes()), ""),
    "text": ("a.hl7", b"Smith", ""),
    "nothing": ("a", b"", ""),
}


@pytest.mark.parametrize(("name", "data", "form"), FORMATS.values(), ids=FORMATS)
def test_format(name: str, data: bytes, form: str, tmp_path: Path) -> None:
    """The first octets decide, and for NDJSON the name."""
    assert format_of(unit(tmp_path / name, data)) == form


async def test_instance(tmp_path: Path) -> None:
    """An instance is read in pieces, and can be read again."""
    data = shipped("CT_small.dcm").read_bytes()
    body = instance_of(unit(tmp_path / "a", data)).body
    assert body.replayable
    assert body.length == len(data)
    for _ in range(2):
        assert b"".join([bytes(each) async for each in body.chunks()]) == data


@pytest.mark.parametrize("size", [1, 5, 7, 8, 20, 1000])
def test_parts(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a file is cut, each line is read once, in its order."""
    monkeypatch.setattr(units, "PART", size)
    monkeypatch.setattr(reading, "PIECE", 3)
    lines = [b'{"a":%d}' % number for number in range(12)]
    for end in (b"", b"\n"):
        path = tmp_path / "a.ndjson"
        path.write_bytes(b"\n".join([*lines[:6], b"", *lines[6:]]) + end)
        found = [data for each in units_of(path, tmp_path / "out") for _, data in texts_of(each, "lines")]
        assert found == lines


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line or file that is too large is told, and the lines behind it are read."""
    monkeypatch.setattr(reading, "MOST_TEXT", 10)
    monkeypatch.setattr(reading, "PIECE", 4)
    lines = unit(tmp_path / "a.ndjson", b"x" * 10 + b"\n" + b"y" * 30 + b"\nz\n")
    assert list(texts_of(lines, "lines")) == [(1, b"x" * 10), (2, None), (3, b"z")]
    assert list(texts_of(unit(tmp_path / "a", b"x" * 11), "fhir")) == [(1, None)]
    assert list(texts_of(unit(tmp_path / "b", b"x" * 10), "fhir")) == [(1, b"x" * 10)]


def test_messages() -> None:
    """A file has one message or several; what is none is told without a word of it."""
    assert len(list(messages_of((HL7 + HL7).encode(), "hl7v2"))) == 2
    assert len(list(messages_of(b"\xef\xbb\xbf" + patient(1), "fhir"))) == 1
    for form in ("hl7v2", "fhir", "lines"):
        with pytest.raises(NotReadError) as caught:
            list(messages_of(b"Smith", form))
        assert "Smith" not in str(caught.value)


def test_damaged(tmp_path: Path) -> None:
    """A compressed file that is not whole cannot be read; one that is gone fails for now."""
    cut = unit(tmp_path / "a.ndjson.gz", gzip.compress(patient(1) * 100)[:-20])
    with pytest.raises(NotReadError, match="not whole"):
        list(texts_of(cut, "lines"))
    with pytest.raises(NotReadError, match="not whole"):
        format_of(unit(tmp_path / "b.gz", b"no gzip"))
    cut.path.unlink()
    with pytest.raises(ReadFailedError, match="No such file"):
        format_of(cut)
