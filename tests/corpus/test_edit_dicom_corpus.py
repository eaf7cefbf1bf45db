"""Other projects' DICOM files through the step that edits instances."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from adapters.dicom.encoding import Malformed
from tests.adapters.dicom.instances import edit, part10, plain
from tests.corpus.test_dicom_corpus import CORPUS, Sendable, sendable

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")

ABSENT = ["(0018,FFFE)", "(0040,0275).(0018,FFFE)", "(5200,9230).(0018,FFFE)", "(0008,1140)[0].(0018,FFFE)"]
"""Paths of elements that no file has, in sequences that many have."""
UNREADABLE = {"GH179A.dcm", "GH364.dcm", "GH626.dcm"}
"""Files that end before their pixel data in something that is no element; DCMTK does not read them either."""
UNREADABLE_BEHIND = {"3gb-bulk-data-truncated.dcm", "emri_small_jpeg_2k_lossless_too_short.dcm"}
"""Files whose pixel data is cut, which shows where private elements behind it are looked for."""
NEW = {"PatientID": "NEW", "IssuerOfPatientID": "HOSP", "RequestAttributesSequence[*].AccessionNumber": "77"}


def files() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each file, and the file as a listener would give it to a step."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the files are odd; that is what they are for
        for path in sorted(each for each in CORPUS.rglob("*") if each.is_file()):
            file = sendable(path)
            if isinstance(file, Sendable):
                yield path.name, part10(file.octets, file.transfer_syntax, file.uid, deflate=False)


def read(file: bytes) -> Dataset:
    """Return what pydicom reads before the pixel data."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dcmread(BytesIO(file), stop_before_pixels=True)


def test_identity() -> None:
    """Edits that nothing fits to leave the data set as it is, octet by octet."""
    refused, count = set(), 0
    for name, file in files():
        try:
            result = edit(file, [40_000], remove=ABSENT)
        except Malformed:
            refused.add(name)
            continue
        assert plain(file) == plain(result), name
        count += DeflatedExplicitVRLittleEndian.encode() in file or file == result
    assert refused == UNREADABLE
    assert count > 60


def test_edited(tmp_path: Path) -> None:
    """In pydicom what was asked for is changed, all else is as it was, and DCMTK reads what it read before."""
    for name, file in files():
        if name in UNREADABLE:
            continue
        result = edit(file, [40_000], set=NEW)
        expected, found = read(file), read(result)
        expected.PatientID, expected.IssuerOfPatientID = "NEW", "HOSP"
        for each in expected.get("RequestAttributesSequence") or []:
            each.AccessionNumber = "77"
        assert text_of(expected) == text_of(found), name
        assert is_read(tmp_path, result) or not is_read(tmp_path, file), name


def test_private_elements() -> None:
    """No private element is left at any depth."""
    refused = set()
    for name, file in files():
        try:
            result = edit(file, [40_000], keep_private=False)
        except Malformed:
            refused.add(name)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert not [each.tag for each in read(result).iterall() if each.tag.is_private], name
    assert refused == UNREADABLE | UNREADABLE_BEHIND


def text_of(data_set: Dataset) -> str:
    """Return the data set as pydicom shows it, without the lengths of its groups."""
    for tag in [each.tag for each in data_set if each.tag.element == 0]:
        del data_set[tag]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(data_set)


def is_read(folder: Path, file: bytes) -> bool:
    """Whether DCMTK reads the file; without DCMTK it does not matter."""
    if shutil.which("dcmdump") is None:
        return True
    path = folder / "file.dcm"
    path.write_bytes(file)
    return subprocess.run(["dcmdump", "-q", "+Qn", path], capture_output=True, check=False).returncode == 0
