"""Row 16: text in images is searched for and covered, in a process of its own: images a second of processor time."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec

from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.setup import Setup

ROW = 16
IMAGES = {
    "us": "ultrasound of 800 by 600 with text",
    "ct": "CT of 512 by 512",
    "cr": "CR of 4 megapixels with text",
    "mg": "mammogram of 12 megapixels with text",
}
COUNT = 3
MOST_MIB = 600


def covered(name: str, count: int) -> Sample:
    """Return the images a second, and the most MiB that were resident."""
    command = [sys.executable, "-m", "tests.bench.pixels_alone", name, str(count)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return Sample(said["value"], {"MiB": said["MiB"]})


@contextmanager
def pixels(setup: Setup) -> Iterator[Sequence[Case]]:
    """Yield the cases of this row; none without the extra ``ocr``."""
    count = setup.count(COUNT)
    yield [
        Case(ROW, text, "images a second", {HILUM: partial(covered, name, count)}, [Goal("MiB", at_most=MOST_MIB)])
        for name, text in IMAGES.items()
        if find_spec("rapidocr_onnxruntime") is not None
    ]
