"""What a header says of one frame."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from adapters.pipeline.thumbnails.frame_values import FrameValues
from tests.adapters.pipeline.thumbnails.made import values


def group(sequence: str, **elements: object) -> Dataset:
    """Return an item of functional groups with one group."""
    inner, outer = Dataset(), Dataset()
    for keyword, value in elements.items():
        setattr(inner, keyword, value)
    setattr(outer, sequence, Sequence([inner]))
    return outer


def test_functional_groups() -> None:
    """The group of the frame counts first, then the shared one, then the top level."""
    header = Dataset()
    header.WindowCenter, header.WindowWidth, header.RescaleSlope = 1, 2, 3
    shared = group("PixelValueTransformationSequence", RescaleSlope=4)
    shared.PixelMeasuresSequence = group("PixelMeasuresSequence", PixelSpacing=[1, 2]).PixelMeasuresSequence
    header.SharedFunctionalGroupsSequence = Sequence([shared])
    header.PerFrameFunctionalGroupsSequence = Sequence(
        [group("FrameVOILUTSequence", WindowCenter=each) for each in (10, 20)]
    )
    first, second, third = (FrameValues(header, each) for each in range(3))
    assert [each.number("WindowCenter") for each in (first, second, third)] == [10, 20, 1]
    assert first.number("WindowWidth") == 2
    assert first.number("RescaleSlope") == 4
    assert first.numbers("PixelSpacing", 2) == [1, 2]


def test_numbers() -> None:
    """Of several windows the first one counts; what is no number counts as missing."""
    assert values(WindowCenter=[40, 400]).number("WindowCenter") == 40
    assert values(WindowCenter=None).number("WindowCenter") is None
    assert values().number("WindowCenter") is None
    assert values(PatientName="x").number("PatientName") is None
    assert values(PixelSpacing=[0, 1]).numbers("PixelSpacing", 2) is None
    assert values(PixelSpacing=[1, 2]).numbers("PixelSpacing", 3) is None
    assert values(Rows=5).numbers("Rows", 1) is None
