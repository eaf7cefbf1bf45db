"""The check of DICOM files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset

from gateway.sandbox.dicom.file import Failure, FailureReason, Instance, inspect
from tests.dicom_files import make_instance, make_multi_frame, shipped

SOUND = [
    "CT_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_RLE.dcm",
    "image_dfl.dcm",
    "JPEG2000.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "reportsi.dcm",
    "examples_ybr_color.dcm",
]


@pytest.mark.parametrize("name", SOUND)
def test_sound(name: str) -> None:
    """Files of all transfer syntaxes are taken, and identified as pydicom does."""
    path = shipped(name)
    found = inspect(path)
    expected = dcmread(path)
    assert isinstance(found, Instance)
    assert (found.study_uid, found.series_uid, found.sop_uid, found.sop_class_uid, found.transfer_syntax_uid) == (
        expected.StudyInstanceUID,
        expected.SeriesInstanceUID,
        expected.SOPInstanceUID,
        expected.SOPClassUID,
        expected.file_meta.TransferSyntaxUID,
    )
    assert found.size == path.stat().st_size


@pytest.mark.parametrize("name", SOUND)
def test_metadata(name: str) -> None:
    """The metadata is the data set in DICOM JSON, without pixel data."""
    found = inspect(shipped(name))
    assert isinstance(found, Instance)
    metadata = json.loads(found.metadata)
    assert "7FE00010" not in metadata
    restored = Dataset.from_json(metadata)
    assert restored.SOPInstanceUID == found.sop_uid


FAULTY = {
    "no preamble": ("no_meta.dcm", FailureReason.CANNOT_UNDERSTAND, False),
    "no transfer syntax": ("meta_missing_tsyntax.dcm", FailureReason.CANNOT_UNDERSTAND, False),
    "a native image cut off": ("MR_truncated.dcm", FailureReason.CANNOT_UNDERSTAND, True),
    "a sequence cut off": ("rtplan_truncated.dcm", FailureReason.CANNOT_UNDERSTAND, True),
    "header and data set disagree": ("rtplan.dcm", FailureReason.INVALID_INSTANCE, True),
    "not an instance": ("DICOMDIR", FailureReason.CANNOT_UNDERSTAND, True),
}


@pytest.mark.parametrize(("name", "reason", "named"), FAULTY.values(), ids=FAULTY)
def test_faulty(name: str, reason: FailureReason, named: bool) -> None:
    """These are refused with a reason, and named where their header can be read."""
    found = inspect(shipped(name))
    assert isinstance(found, Failure)
    assert (found.reason, found.sop_uid is not None) == (reason, named)


@pytest.mark.parametrize("name", SOUND)
def test_cut_off(tmp_path: Path, name: str) -> None:
    """A file that lost its end is refused, in every transfer syntax."""
    path = tmp_path / "short.dcm"
    path.write_bytes(shipped(name).read_bytes()[:-100])
    found = inspect(path)
    assert isinstance(found, Failure)
    assert (found.reason, found.sop_uid is not None) == (FailureReason.CANNOT_UNDERSTAND, True)


def lose(keyword: str) -> Callable[[FileDataset], None]:
    """Return what takes an element out of a data set."""
    return lambda data_set: delattr(data_set, keyword)


def give(keyword: str, value: str) -> Callable[[FileDataset], None]:
    """Return what changes an element of a data set."""
    return lambda data_set: setattr(data_set, keyword, value)


CHANGES: dict[str, tuple[Callable[[FileDataset], None], FailureReason]] = {
    "no study": (lose("StudyInstanceUID"), FailureReason.CANNOT_UNDERSTAND),
    "no series": (lose("SeriesInstanceUID"), FailureReason.CANNOT_UNDERSTAND),
    "no SOP class": (lose("SOPClassUID"), FailureReason.CANNOT_UNDERSTAND),
    "no SOP instance": (lose("SOPInstanceUID"), FailureReason.INVALID_INSTANCE),
    "another SOP class": (give("SOPClassUID", "1.2.3"), FailureReason.SOP_CLASS_MISMATCH),
    "another SOP instance": (give("SOPInstanceUID", "1.2.3"), FailureReason.INVALID_INSTANCE),
    "a study that could leave its folder": (
        give("StudyInstanceUID", "../../../etc"),
        FailureReason.CANNOT_UNDERSTAND,
    ),
    "a UID that is too long": (give("SeriesInstanceUID", "1." + "1" * 63), FailureReason.CANNOT_UNDERSTAND),
}


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES)
def test_changed(tmp_path: Path, change: Callable[[FileDataset], None], reason: FailureReason) -> None:
    """A data set that does not identify itself, or not as its header does, is refused."""
    path = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4")
    data_set = dcmread(path)
    change(data_set)
    data_set.save_as(path)
    found = inspect(path)
    assert isinstance(found, Failure)
    assert found.reason == reason


def test_unknown_transfer_syntax(tmp_path: Path) -> None:
    """A transfer syntax that is not in the standard is refused as such."""
    path = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4")
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.99"))
    found = inspect(path)
    assert isinstance(found, Failure)
    assert found.reason == FailureReason.TRANSFER_SYNTAX_NOT_SUPPORTED


def test_study(tmp_path: Path) -> None:
    """An instance of another study than the one asked for is refused."""
    path = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4")
    assert isinstance(inspect(path, "1.2.3"), Instance)
    found = inspect(path, "1.2.4")
    assert isinstance(found, Failure)
    assert found.reason == FailureReason.STUDY_MISMATCH


def test_digest(tmp_path: Path) -> None:
    """The digest tells data sets apart, and does not see the header, which names the sender."""
    path = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4")
    first = inspect(path)
    data_set = dcmread(path)
    data_set.file_meta.SourceApplicationEntityTitle = "OTHER"
    data_set.save_as(path)
    header_changed = inspect(path)
    data_set.PatientID = "OTHER"
    data_set.save_as(path)
    changed = inspect(path)
    assert isinstance(first, Instance)
    assert isinstance(header_changed, Instance)
    assert isinstance(changed, Instance)
    assert first.digest == header_changed.digest != changed.digest


def test_large(tmp_path: Path) -> None:
    """Pixel data is stepped over, not read."""
    path = tmp_path / "large.dcm"
    make_multi_frame(path, 8 << 20)
    found = inspect(path)
    assert isinstance(found, Instance)
    assert len(found.metadata) < 10000


def test_values_out_of_form(tmp_path: Path) -> None:
    """A value that has no place in JSON is left out of the metadata, the instance is taken."""
    path = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4")
    data_set = dcmread(path)
    data_set.EventElapsedTimes = ["1.5"]
    data_set.RealWorldValueSlope = float("nan")
    item = Dataset()
    item.CodeValue = "1"
    item.PixelData = b"\0" * 4096
    item["PixelData"].VR = "OW"
    data_set.ConceptNameCodeSequence = [item]
    data_set.save_as(path)
    found = inspect(path)
    assert isinstance(found, Instance)
    metadata = json.loads(found.metadata)
    assert "00409225" not in metadata
    assert metadata["0040A043"]["Value"] == [{"00080100": {"vr": "SH", "Value": ["1"]}}]


def test_disk_error(tmp_path: Path) -> None:
    """A file that cannot be read is an OSError, not a failure of the instance."""
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "absent.dcm")


def test_quiet(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    """Warnings of pydicom are suppressed, because they quote values."""
    path = tmp_path / "odd.dcm"
    shutil.copy(shipped("badVR.dcm"), path)
    inspect(path)
    assert list(recwarn) == []
