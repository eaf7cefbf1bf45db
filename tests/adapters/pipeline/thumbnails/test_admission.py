"""Which instances have no thumbnail."""

import pytest
from pydicom.dataset import Dataset

from adapters.pipeline.thumbnails.admission import (
    LABEL,
    LABEL_IN_IMAGE,
    NO_PICTURES,
    NO_PIXELS,
    NOT_INTEGERS,
    PIXEL_DATA,
    ROOT,
    octets_of_frame,
    refuse,
)
from adapters.pipeline.thumbnails.errors import NoPictureError

MOST = 2**20
ACCEPTED = {
    "CT": f"{ROOT}2",
    "MR, enhanced": f"{ROOT}4.1",
    "ultrasound": f"{ROOT}6.1",
    "nothing": "",
}
REFUSED = {
    "segmentation": f"{ROOT}66.4",
    "label map": f"{ROOT}66.7",
    "structured report": f"{ROOT}88.33",
    "key objects": f"{ROOT}88.59",
    "presentation state": f"{ROOT}11.1",
    "dose": f"{ROOT}481.2",
    "plan": f"{ROOT}481.5",
    "PDF": f"{ROOT}104.1",
    "ECG": f"{ROOT}9.1.1",
    "parametric map": f"{ROOT}30",
    "DICOMDIR": "1.2.840.10008.1.3.10",
}


def header(**elements: object) -> Dataset:
    """Return a header of an image of 16 by 16."""
    made = Dataset()
    for keyword, value in {"Rows": 16, "Columns": 16, "BitsAllocated": 16, **elements}.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize("sop_class", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(sop_class: str) -> None:
    """These are pictures."""
    refuse(header(SOPClassUID=sop_class), PIXEL_DATA, MOST)


@pytest.mark.parametrize("sop_class", REFUSED.values(), ids=REFUSED)
def test_refused(sop_class: str) -> None:
    """These are not, although they may have pixel data; the reason says what they are."""
    with pytest.raises(NoPictureError) as told:
        refuse(header(SOPClassUID=sop_class), PIXEL_DATA, MOST)
    assert str(told.value) in NO_PICTURES.values()


def test_pixels() -> None:
    """No thumbnail without pixel data, or of pixels that are no integers."""
    with pytest.raises(NoPictureError, match=NO_PIXELS):
        refuse(header(), None, MOST)
    with pytest.raises(NoPictureError, match=NOT_INTEGERS):
        refuse(header(), 0x7FE00008, MOST)


def test_label() -> None:
    """The label of a slide is never shown."""
    with pytest.raises(NoPictureError, match=LABEL):
        refuse(header(ImageType=["ORIGINAL", "PRIMARY", "LABEL", "NONE"]), PIXEL_DATA, MOST)
    with pytest.raises(NoPictureError, match=LABEL_IN_IMAGE):
        refuse(header(SpecimenLabelInImage="YES"), PIXEL_DATA, MOST)


def test_size() -> None:
    """A frame above the limit is refused before anything is decoded."""
    large = header(Rows=65535, Columns=65535, SamplesPerPixel=3)
    assert octets_of_frame(large) == 65535 * 65535 * 3 * 2
    with pytest.raises(NoPictureError, match="limit of 1 MiB"):
        refuse(large, PIXEL_DATA, MOST)
    assert octets_of_frame(header(BitsAllocated=1)) == 256
