"""The generator of hospitals makes what its key says, and the same each time."""

import gzip
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from tests.pipeline.hospitals import Hospitals, hospitals, settings_of

pytest.importorskip("numpy", reason="the extra `ocr` is not installed, with which text is drawn into images")
pytest.importorskip("PIL", reason="the extra `ocr` is not installed, with which text is drawn into images")


@pytest.fixture(scope="module")
def small() -> Hospitals:
    """Return hospitals of a few images."""
    return hospitals(instances=60, reports=60, burned=0.3)


def test_same_each_time(small: Hospitals) -> None:
    """The seed decides everything."""
    assert small == hospitals(instances=60, reports=60, burned=0.3)
    assert small.objects() != hospitals(26, instances=60, reports=60, burned=0.3).objects()


def test_images(small: Hospitals) -> None:
    """Each sound image is one for pydicom, with its UID; what is none is none."""
    objects = small.objects()
    assert len(small.images) == 60
    for key, uid in small.images.items():
        octets = objects[key]
        packed = octets.startswith(b"\x1f\x8b")
        found = dcmread(BytesIO(gzip.decompress(octets) if packed else octets))
        assert found.SOPInstanceUID == uid
        assert found.pixel_array.shape == (found.Rows, found.Columns)
        assert str(found.PatientName).split("^")[0] == small.studies[key[0], found.StudyInstanceUID].patient.family
    assert small.burned
    for key in small.dead_images:
        with suppress(InvalidDicomError, EOFError):
            assert "StudyInstanceUID" not in dcmread(BytesIO(objects[key]))


def test_kinds() -> None:
    """At its full size there are so many images and reports, each kind of case, and everything fits the hospitals."""
    made = hospitals(burned=0)
    assert len(made.images) == 2000
    expected = "NAMES_NOTHING NO_IMAGES OTHER_PATIENT SUPERSEDED TWO_PATIENTS TWO_REPORTS TWO_STUDIES WITHDRAWN"
    assert set(expected.split()) == set(made.unlinked.values())
    assert len(made.links) > 400
    assert made.late
    assert made.repeated
    shared = {uid for hospital, uid in made.studies if hospital == "north"} & {uid for _, uid in made.studies}
    assert any(("south", uid) in made.links and ("north", uid) in made.links for uid in shared)
    assert set(made.links.values()).isdisjoint(made.unlinked)


def test_planted(small: Hospitals) -> None:
    """What is planted is in the originals: names in headers, in texts of both encodings, and in names of objects."""
    octets = b"\n".join(
        gzip.decompress(each) if each.startswith(b"\x1f\x8b") else each for each in small.objects().values()
    )
    keys = "\n".join(key for _, key in small.objects())
    for (hospital, _), study in small.studies.items():
        who = study.patient
        codec = "utf-8" if hospital == "north" else "cp1252"
        assert {who.number, who.family, study.uid, study.accession} <= small.planted
        assert who.family.encode(codec) in octets
        assert who.number.encode() in octets
        assert who.family in keys


def test_written(small: Hospitals, tmp_path: Path) -> None:
    """The buckets are folders; a settings section names them."""
    for delivery in (0, 1):
        small.write(tmp_path, delivery)
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {f"{hospital}/{key}" for hospital, key in small.objects() if not key.endswith("/")}
    assert settings_of("south")["images"] == "south:**.dcm"
