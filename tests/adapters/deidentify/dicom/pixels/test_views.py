"""What a detector is shown of a frame."""

import numpy as np
import pytest

from adapters.deidentify.dicom.pixels import views
from adapters.deidentify.dicom.pixels.detector import Found


def test_text_beyond_the_window() -> None:
    """A frame in grey is shown by percentiles and by its whole range, so that letters beyond tissue stand out."""
    frame = np.random.default_rng(1).integers(900, 1100, (200, 200)).astype(np.int16)
    frame[10:12, 10:20] = 30000
    low, whole = views.windows(frame)
    assert low.high < 1200
    assert views.Window(float(frame.min()), 30000.0) == whole
    assert 255 == views.picture(frame, low)[10, 10, 0] == views.picture(frame, whole)[10, 10, 0]
    assert views.picture(frame, low)[50:].std() > 10 * views.picture(frame, whole)[50:].std()


def test_one_window_is_enough() -> None:
    """If both windows are about the same, one picture is looked at; of a frame of one value none."""
    assert 1 == len(views.windows(np.arange(256, dtype=np.uint8).reshape(16, 16)))
    assert [] == views.windows(np.zeros((16, 16), np.uint8))


def test_colours() -> None:
    """A frame in colours is shown as it is, in the order that the network expects."""
    frame = np.zeros((4, 4, 3), np.uint8)
    frame[:, :, 0] = 7
    (window,) = views.windows(frame)
    assert [0, 0, 7] == views.picture(frame, window)[0, 0].tolist()


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0])
def test_tiles_cover_the_picture(times: float) -> None:
    """Enlarged tiles are no longer than the network's memory allows, cover each pixel, and overlap."""
    picture = np.zeros((1900, 740, 3), np.uint8)
    seen = np.zeros((1900, 740), int)
    for left, top, tile in views.tiles(picture, times):
        assert max(tile.shape[:2]) * times <= views.SIDE
        seen[top : top + tile.shape[0], left : left + tile.shape[1]] += 1
    assert seen.min() == 1
    assert (seen.max() > 1) == (1900 * times > views.SIDE)


def test_small_letters() -> None:
    """Small frames are enlarged more than large ones, and upright more than turned."""
    tiny, small, large = views.enlarged(128 * 128), views.enlarged(800 * 600), views.enlarged(2000 * 2000)
    assert tiny.upright > small.upright > large.upright
    assert small.upright > small.turned >= large.turned
    assert all(views.less_enlarged(each).upright < views.enlarged(each).upright for each in (128**2, 800**2, 2000**2))


def test_turned_back() -> None:
    """A line of a turned picture is where it is in the upright one."""
    picture = np.zeros((30, 50, 3), np.uint8)
    picture[5:9, 40:45] = 255
    rows, columns = np.nonzero(np.rot90(picture)[:, :, 0])
    found = Found(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1, 4.0)
    assert Found(40, 5, 45, 9, 4.0) == views.turned_back(found, 50)
