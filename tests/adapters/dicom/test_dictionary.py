"""Lookups in PS3.6 by tag and keyword."""

import subprocess
import sys

from adapters.dicom.dictionary import multiplicity_of, tag_of, vr_of


def test_dictionary() -> None:
    """The elements of PS3.6 are known, its repeating groups too; others are not."""
    assert 0x00100020 == tag_of("PatientID")
    assert tag_of("PatientKey") is None
    assert (b"LO", b"US or SS", b"", b"DA") == (
        vr_of(0x00100020),
        vr_of(0x00280106),
        vr_of(0x00091010),
        vr_of(0x00080020),
    )
    assert b"US" == vr_of(0x60020010)
    assert "1-n" == multiplicity_of(0x00101001)


def test_pydicom_is_imported_when_it_is_asked() -> None:
    """The settings alone do not cost the memory of pydicom."""
    check = "import sys; import adapters.dicom.step; assert 'pydicom' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)
