"""What the demo sends."""

import os
from pathlib import Path

import pytest
from pydicom import dcmread

from gateway.cli.samples import DICOM_NAMES, HL7_SAMPLES, samples_folder, write_dicom_samples, write_hl7_samples
from gateway.sandbox.hl7v2.message import find_fault


def test_hl7_samples(tmp_path: Path) -> None:
    """The strict store takes the samples that are to be answered AA, and no other."""
    faults = [find_fault(path.read_bytes()) for path in write_hl7_samples(tmp_path)]
    assert [sample.answer == "AA" for sample in HL7_SAMPLES] == [fault is None for fault in faults]


def test_dicom_samples(tmp_path: Path) -> None:
    """The DICOM samples are in pydicom's package and are different instances."""
    paths = write_dicom_samples(tmp_path)
    assert len(DICOM_NAMES) == len({dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in paths})


def test_folder_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each demo of a user has the same folder, which others cannot look into."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second = samples_folder(), samples_folder()
    assert (first, 0o700) == (second, first.stat().st_mode & 0o777)


def test_folder_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the name is not that of a folder of this user, another folder is used."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"hilum-demo-samples-{os.getuid()}").symlink_to(tmp_path)
    assert tmp_path / f"hilum-demo-samples-{os.getuid()}" != samples_folder()
