"""The octets of elements."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from gateway.sandbox.dicom.pixels.bulkdata import bulkdata
from gateway.sandbox.google_error import ApiError
from tests.dicom_files import make_instance, shipped


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file with a binary element in a sequence, and a long text."""
    path = make_instance(tmp_path, 7, "1", "2", rows=1, columns=2)
    data_set, item = pydicom.dcmread(path), Dataset()
    item.add_new(0x00420011, "OB", b"%PDF-1.7")
    data_set.add_new(0x00400555, "SQ", [Dataset(), item])
    data_set.add_new(0x0040A160, "UT", "a text")
    data_set.save_as(path)
    return path


def test_places(path: Path) -> None:
    """An element is named by its tag, within sequences also by the numbers of the items."""
    assert bulkdata(path, "7FE00010") == bulkdata(path, "dataset/7fe00010") == b"\x07\x00\x07\x00"
    assert bulkdata(path, "00400555/2/00420011") == b"%PDF-1.7"
    assert bulkdata(path, "0040A160") == b"a text"


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("7FE0001", 400),
        ("7FE00010/1", 400),
        ("00400555/0/00420011", 400),
        ("00400555/3/00420011", 404),
        ("00400555/1/00420011", 404),
        ("00100010/1/00420011", 404),
        ("00420011", 404),
        ("00100010", 400),
    ],
)
def test_refused(path: Path, place: str, status: int) -> None:
    """What is no place is a 400, what is not there a 404; what the metadata has is no bulk data."""
    with pytest.raises(ApiError) as raised:
        bulkdata(path, place)
    assert raised.value.status == status


def test_without_compression() -> None:
    """Pixels are decoded, and little endian."""
    pytest.importorskip("numpy")
    native = bulkdata(shipped("MR_small.dcm"), "7FE00010")
    assert bulkdata(shipped("MR_small_RLE.dcm"), "7FE00010") == native
    assert bulkdata(shipped("MR_small_bigendian.dcm"), "7FE00010") == native
