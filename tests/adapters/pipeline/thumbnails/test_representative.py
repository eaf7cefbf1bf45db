"""Which frame stands for an instance."""

import numpy as np
import pytest

from adapters.pipeline.thumbnails.admission import WHOLE_SLIDE
from adapters.pipeline.thumbnails.representative import frame_of, spread


def decode(number: int) -> object:
    """Return a tile of glass, but for some numbers: of these the tissue varies more and more."""
    frame = np.full((64, 64), 240.0)
    frame[:, ::16] -= number if number in {7, 12} else 0
    return frame


def test_middle() -> None:
    """The middle frame; nothing is decoded to find it."""
    for count, middle in ((1, 0), (2, 1), (13, 6), (30, 15)):
        assert middle == frame_of({}, count, lambda _: pytest.fail("decoded"))


def test_slide() -> None:
    """Of the tiles of a slide the one of most variance of five; of a level that shows all of it the middle one."""
    assert spread(25) == [2, 7, 12, 17, 22]
    assert frame_of({"SOPClassUID": WHOLE_SLIDE}, 25, decode) == 12
    assert frame_of({"SOPClassUID": WHOLE_SLIDE, "ImageType": ["DERIVED", "PRIMARY", "OVERVIEW"]}, 25, decode) == 12
    assert frame_of({"SOPClassUID": WHOLE_SLIDE}, 1, lambda _: pytest.fail("decoded")) == 0


@pytest.mark.parametrize("count", range(1, 40))
def test_spread(count: int) -> None:
    """At most five different frames, all of which there are."""
    found = spread(count)
    assert len(set(found)) == len(found) == min(5, count)
    assert set(found) <= set(range(count))
