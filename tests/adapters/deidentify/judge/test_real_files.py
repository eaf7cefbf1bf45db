"""Real files: nothing that their headers name is in what comes out, their pixels are the same, few are held back."""

import warnings
from io import BytesIO

import pytest
from pydicom import dcmread

from tests.adapters.deidentify.judge.engine import delivered
from tests.adapters.deidentify.judge.real_files import answers, files, read, shifts, without_moved
from tests.adapters.deidentify.judge.scanner import leaks
from tests.adapters.deidentify.judge.test_planted import MOST

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # the files are odd
OF_THE_STATEMENT = {"Patient", "patient", "REMOVED", "Removed", "removed"}
"""Words that the engine itself writes, and that are the names of patients of test files."""
PRIVATE_CLASS = {"fo-dicom-GH355.dcm"}
"""Decodable files that are held back: of a private SOP class nobody knows what it holds."""
BROKEN = {"fo-dicom-GH364.dcm", "pydicom-SC_rgb_jpeg.dcm"}
"""Decodable files that are held back: one has an item outside a sequence, one is not in the encoding that it names."""


def result(name: str, *options: str) -> bytes | None:
    """Return the file, None if it is held back."""
    return delivered(files()[name].read_bytes(), pixels="keep", options=options)


@pytest.mark.parametrize("name", sorted(files()))
def test_no_leak(name: str) -> None:
    """By the profile alone, and with all that may be kept."""
    for options in ((), (*MOST, "clean_structured_content")):
        out = result(name, *options)
        before = read(files()[name])
        if out is None or before is None:
            continue
        key, days = answers(before), set(shifts(before, dcmread(BytesIO(out))))
        assert len(days) < 2
        if days:
            moved = days.pop()
            assert moved < 0
            assert moved % 7 == 0
            key = without_moved(key, moved)
        assert leaks(out, key) <= OF_THE_STATEMENT


@pytest.mark.parametrize("name", sorted(files()))
def test_pixels(name: str) -> None:
    """Pixels that can be decoded are the same afterwards; files with such pixels pass."""
    pytest.importorskip("numpy")
    before, pixels = read(files()[name]), None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = None if before is None else before.pixel_array
        except Exception:  # noqa: BLE001  no decoder, or no image
            pytest.skip("its pixels cannot be decoded here")
        out = result(name, "retain_longitudinal_modified_dates", "clean_structured_content")
        if out is None:
            assert pixels is None or name in PRIVATE_CLASS | BROKEN or files()[name].read_bytes()[128:132] != b"DICM"
            return
        assert (dcmread(BytesIO(out)).pixel_array == pixels).all()
