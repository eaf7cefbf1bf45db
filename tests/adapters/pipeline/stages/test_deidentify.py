"""An instance becomes a row and a thumbnail without what names its patient; nothing else comes out."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.deidentify.engines import Engines, open_engines
from adapters.deidentify.errors import CrosswalkError
from adapters.pipeline.contract import Reference
from adapters.pipeline.stages.deidentify import INTERNAL_ERROR, LOOKS, TABLE, deidentified, key_of, public
from tests.adapters.pipeline import small

REFERENCE = Reference("north", "dicom/Zabriskie.dcm", "v", 5)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A thumbnail."""

    octets: bytes
    reason: str = ""


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    """Return the engines of the step."""
    work = small.work(tmp_path)
    return open_engines(work.step, work.domains)


def test_row(engines: Engines) -> None:
    """The row has pseudonyms, the columns that are allowed, the hospital and the thumbnail; and nothing else."""
    seen: list[bytes] = []

    def draw(octets: bytes) -> Drawn:
        seen.append(octets)
        return Drawn(b"RIFF")

    made = public(REFERENCE, small.instance(1, 1), engines, ["Modality"], draw, lambda _: "text was found")
    (row,) = made.rows[TABLE]
    names = {"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID", "AccessionNumber", "Modality"}
    assert row.keys() == {*names, "hospital", "thumbnail", "thumbnail_reason"}
    assert all(row[each].startswith("2.25.") for each in names if each.endswith("UID"))
    assert row["thumbnail"] == key_of(b"RIFF")
    assert made.files == {key_of(b"RIFF"): b"RIFF"}
    assert made.rows[LOOKS] == [{"key": key_of(b"RIFF"), "reason": "text was found"}]
    assert not [each for each in small.PLANTED if each.encode() in seen[0] + repr(made).encode()]
    assert row.keys() <= {each.name for each in made.columns[TABLE]}


def test_without_a_thumbnail(engines: Engines) -> None:
    """The row says why there is none."""
    made = public(REFERENCE, small.instance(1, 1), engines, [], lambda _: Drawn(b"", "it is a video"))
    assert made.rows[TABLE][0]["thumbnail"] is None
    assert made.rows[TABLE][0]["thumbnail_reason"] == "it is a video"
    assert not made.files


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"noise", "it is not a DICOM file"),
        (small.instance(1, 1)[:300], ""),
        (small.instance(1, 1, BurnedInAnnotation="YES"), "it cannot be de-identified: "),
    ],
    ids=["noise", "cut", "text"],
)
def test_dead(engines: Engines, octets: bytes, reason: str) -> None:
    """What cannot be de-identified is a dead letter; no picture is drawn of it."""

    def draw(_: bytes) -> Drawn:
        raise AssertionError("nothing may be drawn of it")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = public(REFERENCE, octets, engines, ["Modality"], draw)
    assert not made.rows
    (dead,) = made.dead
    assert dead.reason
    assert not [each for each in small.PLANTED if each in dead.reason]
    assert not reason or reason in dead.reason or "file" in dead.reason.lower()


class Broken:
    """An engine that fails with a value in its error."""

    gathered = 0

    def __init__(self, error: Exception) -> None:
        self._error = error

    def receive_data(self, _: Any) -> Iterator[bytes]:
        """Yield something, and fail."""
        yield b"begun"
        raise self._error

    receive_end = receive_data


def broken(error: Exception) -> Engines:
    """Return engines that fail."""
    return Engines(None, None, lambda: Broken(error))  # type: ignore[arg-type, return-value]


def test_a_fault_at_the_boundary() -> None:
    """Whatever fails, nothing of the original goes on, and the error's own text is not told."""
    made = public(REFERENCE, b"x", broken(ValueError("Zabriskie")), ["Modality"], lambda _: Drawn(b"RIFF"))
    assert (made.rows, made.files) == ({}, {})
    assert made.dead[0].reason == f"it cannot be de-identified: {INTERNAL_ERROR}"


def test_a_crosswalk_that_fails() -> None:
    """Nothing is wrong with the object: it is tried again later, and no dead letter is written."""
    with pytest.raises(CrosswalkError):
        deidentified(b"x", broken(CrosswalkError("the disk is full")))
