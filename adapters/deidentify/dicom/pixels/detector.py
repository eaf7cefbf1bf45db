"""The two networks of the wheel rapidocr-onnxruntime: one finds lines of text, the other reads one."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Height by width by 3."""
PACKAGE = "rapidocr_onnxruntime"
MEAN = [0.5, 0.5, 0.5]
CERTAIN = {"thresh": 0.2, "box_thresh": 0.3}
"""How certain the network must be of a pixel and of a line: less than by default, for small letters on noise."""
LONGEST = 24
"""Of a line only so many times its height is read, which is enough to know that it is text."""


class Found(NamedTuple):
    """A line of text: its box, and the short side of the line, which may be slanted."""

    left: int
    top: int
    right: int
    bottom: int
    thickness: float


class Detector(Protocol):
    """Finds lines of text, and reads them."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return the lines in *picture*, which is looked at so many times enlarged."""

    def read(self, lines: list[Picture]) -> list[tuple[str, float]]:
        """Return what each picture of one line says, and how sure that is, from 0 to 1."""


class RapidDetector:
    """The networks PP-OCRv4 on one thread, one picture at a time: each takes memory for what it works on."""

    def __init__(self) -> None:
        from rapidocr_onnxruntime.ch_ppocr_det import TextDetector  # noqa: PLC0415  only with the extra
        from rapidocr_onnxruntime.ch_ppocr_rec import TextRecognizer  # noqa: PLC0415

        spec = find_spec(PACKAGE)
        assert spec is not None and spec.origin is not None  # noqa: S101, PT018  it has just been imported
        models = Path(spec.origin).parent / "models"
        # One thread: more would take cores from the gateway, and a second instance is searched beside the first.
        threads = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
        self._find: Any = TextDetector(
            {
                **threads,
                "model_path": str(models / "ch_PP-OCRv4_det_infer.onnx"),
                **CERTAIN,
                "limit_type": "min",
                "mean": MEAN,
                "std": MEAN,
            }
        )
        self._read: Any = TextRecognizer(
            {
                **threads,
                "model_path": str(models / "ch_PP-OCRv4_rec_infer.onnx"),
                "rec_img_shape": [3, 48, 192],  # at least; mostly short lines are read
                "rec_batch_num": 1,
            }
        )
        self._lock = Lock()

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return the lines in *picture*, which is looked at so many times enlarged."""
        import cv2  # noqa: PLC0415  the extra brings it

        reduced = picture
        if enlarged < 1:  # which the network's own code does not do
            smaller = cv2.resize(picture, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_AREA)
            reduced = np.asarray(smaller, np.uint8)
        with self._lock:
            self._find.limit_side_len = round(min(picture.shape[:2]) * enlarged)
            quadrangles, _ = self._find(reduced)
        scale = np.array(picture.shape[1::-1]) / reduced.shape[1::-1]
        return [] if quadrangles is None else [_found(np.asarray(each) * scale) for each in quadrangles]

    def read(self, lines: list[Picture]) -> list[tuple[str, float]]:
        """Return what each picture of one line says, and how sure that is, from 0 to 1."""
        with self._lock:
            said, _ = self._read([each[:, : LONGEST * each.shape[0]] for each in lines])
        return [(str(text), float(sure)) for text, sure, *_ in said]


@cache
def shared_detector() -> Detector:
    """Return the detector of this process: its networks are loaded once. Raises ImportError without the extra."""
    return RapidDetector()


def _found(corners: NDArray[Any]) -> Found:
    low, high = corners.min(axis=0), corners.max(axis=0)
    sides = (np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[0] - corners[3]))
    return Found(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1, float(min(sides)))
