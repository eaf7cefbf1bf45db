"""What the demo sends."""

from pathlib import Path

from pydicom import dcmread

from gateway.cli.samples import DICOM_NAMES, HL7_SAMPLES, write_dicom_samples, write_hl7_samples
from gateway.sandbox.hl7v2.message import find_fault


def test_hl7_samples(tmp_path: Path) -> None:
    """The strict store takes the samples that are to be answered AA, and no other."""
    faults = [find_fault(path.read_bytes()) for path in write_hl7_samples(tmp_path)]
    assert [sample.answer == "AA" for sample in HL7_SAMPLES] == [fault is None for fault in faults]


def test_dicom_samples(tmp_path: Path) -> None:
    """The DICOM samples are in pydicom's package and are different instances."""
    paths = write_dicom_samples(tmp_path)
    assert len(DICOM_NAMES) == len({dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in paths})
