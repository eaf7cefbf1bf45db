"""Row 19: thumbnails a second of processor time, beside what one writes with pydicom and Pillow."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from adapters.pipeline.thumbnails.making import thumbnail
from adapters.tables.dicom.quiet import quiet
from tests.bench.measure import HILUM, Case, Goal, Sample
from tests.bench.setup import Setup
from tests.dicom_files import make_instance, shipped

ROW = 19
PEER = "pydicom and Pillow"
SECONDS = 2.0
LEAST = 0.8
"""Of the peer's rate, which makes no picture of percentiles, refuses nothing and knows no functional groups."""


def ours(path: Path) -> int:
    """Return the octets of a thumbnail."""
    return len(thumbnail(path).octets)


def theirs(path: Path) -> int:
    """Return the octets of one that is made in the usual way: the whole image in 64 bits, then the window."""
    from PIL import Image  # noqa: PLC0415  only with the extra

    instance = dcmread(path)
    frame = apply_voi_lut(apply_modality_lut(instance.pixel_array, instance), instance)
    if frame.ndim == 2:
        low, high = float(frame.min()), float(frame.max())
        frame = (frame - low) * (255 / max(high - low, 1e-6))
    image = Image.fromarray(frame.astype(np.uint8))
    image.thumbnail((256, 256))
    made = BytesIO()
    image.convert("RGB").save(made, "WEBP", quality=80)
    return made.tell()


def rate(make: Callable[[Path], int], path: Path, seconds: float) -> Sample:
    """Return thumbnails a second of processor time, and what each costs."""
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        size = make(path)  # the decoders are loaded at the first time
        count, begin = 0, time.process_time()
        while (passed := time.process_time() - begin) < seconds:
            make(path)
            count += 1
    return Sample(count / passed, {"octets": float(size), "CPU s per 1,000": 1000 * passed / count})


def radiograph(folder: Path, rows: int, columns: int) -> Path:
    """Write an instance of so many pixels that looks like an image."""
    from tests.adapters.deidentify.dicom.pixels import backgrounds  # noqa: PLC0415  it needs the extra

    path = make_instance(folder, 9019, "1.2.3", "1.2.4", rows=1, columns=1)
    instance: Dataset = dcmread(path)
    frame = backgrounds.radiograph(Random(19), rows, columns)
    instance.Rows, instance.Columns, instance.PixelData = rows, columns, frame.tobytes()
    named = folder / f"radiograph-{rows}.dcm"
    instance.save_as(named, enforce_file_format=True)
    return named


@contextmanager
def thumbnails(setup: Setup) -> Iterator[Sequence[Case]]:
    """Yield the cases of this row; none without the extra ``pipeline``."""
    if find_spec("PIL") is None or find_spec("gdcm") is None:
        yield []
        return
    seconds = SECONDS * setup.scale
    files = {
        "CT of 512 by 512": radiograph(setup.files, 512, 512),
        "CR of 4 megapixels": radiograph(setup.files, 2200, 1800),
        "CT of 512 by 512, JPEG 2000": shipped("693_J2KI.dcm"),
        "MR of 64 by 64, RLE": shipped("MR_small_RLE.dcm"),
    }
    yield [
        Case(
            ROW,
            name,
            "thumbnails a second a core",
            {HILUM: partial(rate, ours, path, seconds), PEER: partial(rate, theirs, path, seconds)},
            [Goal(PEER, at_least=LEAST)],
        )
        for name, path in files.items()
    ]
