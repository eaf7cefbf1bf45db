"""Rows go through the gate twice; what fails is held back, and the report is written first."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.contract import Made, Reference, Row
from adapters.pipeline.dataset.gating import NOT_LOOKED, Gate, Image, identifiers
from adapters.pipeline.stages.deidentify import LOOKS
from tests.adapters.pipeline import small

METADATA: Row = {
    "Hospital": "north",
    "PatientID": "MRN-7711",
    "PatientName": {"Alphabetic": "Zabriskie^Quillfeather"},
    "StudyInstanceUID": "1.2.826.77.1",
}


def image(number: int, *, made: Made | None = None, metadata: Row | None = METADATA, **row: Any) -> Image:
    """Return an image."""
    whole = {
        "SOPInstanceUID": f"2.25.{number}",
        "PatientID": f"P{number}",
        "hospital": "north",
        "Modality": "CT",
        "thumbnail": None,
        **row,
    }
    return Image(Reference("north", f"{number}.dcm", "v", 5), whole, made or Made(), metadata)


def gate(root: Path, written: dict[str, Any], **rules: Any) -> Gate:
    """Return the gate; its reports go to *written*."""

    def write(name: str, octets: bytes) -> None:
        written[name] = json.loads(octets) if name.endswith(".json") else octets

    return Gate(small.settings(root, gate={"k_anonymity": 1, "second_look": False, **rules}), write)


def test_into_prod(tmp_path: Path) -> None:
    """A row with a name of its patient, and one of whose patient nothing is known, are held back."""
    written: dict[str, Any] = {}
    images = [image(1), image(2, report="Mrs Zabriskie"), image(3, metadata=None), image(4, PatientID=None)]
    assert [row["SOPInstanceUID"] for row in gate(tmp_path, written).into_prod(images)] == ["2.25.1"]
    assert written["prod-gate.json"]["held_back"] == 3
    assert "Zabriskie" not in str(written)


def test_into_public(tmp_path: Path) -> None:
    """Only public columns come out, and combinations of too few patients do not."""
    images = [image(1), image(2), image(3, Modality="XA")]
    written: dict[str, Any] = {}
    rows = [each.row for each in images]
    found = gate(tmp_path, written, k_anonymity=2).into_public(rows, images)
    assert found == [{"Modality": "CT", "thumbnail": None}] * 2
    assert written["public-gate.json"]["passed"] == 2


def test_the_second_look(tmp_path: Path) -> None:
    """A picture in which text was seen, and one at which nobody has looked, are held back."""
    seen = Made({LOOKS: [{"key": "k", "reason": "text was found in its picture"}]}, files={"k": b"1"})
    images = [image(1, made=seen), image(2, made=Made(files={"k": b"2"}))]
    written: dict[str, Any] = {}
    assert gate(tmp_path, written, second_look=True).into_prod(images) == []
    assert written["prod-gate.json"]["held_back"] == 2
    assert NOT_LOOKED


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    """Then nothing passes."""

    def write(name: str, octets: bytes) -> None:
        raise OSError(28, name, octets)

    with pytest.raises(OSError, match="28"):
        Gate(small.settings(tmp_path), write).into_prod([image(1)])


def test_identifiers() -> None:
    """What headers and the rows of reports say of a patient is known; the same number elsewhere is another patient."""
    report = {
        "report_id": "r1",
        "accession": "ACC771",
        "patient": "",
        "known": {"names": ["Roe, Jane"], "numbers": ["V-889"], "telephones": [], "births": []},
    }
    one = image(1)
    found = identifiers([Image(one.reference, one.row, one.made, one.metadata, [report])])
    assert found.keys() == {"north P1"}
    known = found["north P1"]
    assert {"Zabriskie^Quillfeather", "Roe, Jane"} <= known.names
    assert {"MRN-7711", "V-889", "ACC771"} <= known.numbers
