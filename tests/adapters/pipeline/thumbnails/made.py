"""Instances for the tests of thumbnails: made with pydicom, of chosen pixels."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from adapters.pipeline.thumbnails.frame_values import FrameValues

CORPUS = Path(__file__).parents[5] / "shared/corpus/dicom"


def corpus(name: str) -> bytes:
    """Return the octets of a file of the corpus; skip the test without it."""
    path = CORPUS / name
    if not path.exists():
        pytest.skip("the corpus ../shared/corpus is not there")
    return path.read_bytes()


def data_set(pixels: Any, **elements: Any) -> Dataset:
    """Return a CT, or what *elements* say, with these pixels: one frame, or frames by height by width."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = CTImageStorage
    made.SOPInstanceUID = generate_uid(entropy_srcs=["thumbnail"])
    made.Modality = "CT"
    made.PatientName = "Musterfrau^Erika"
    coloured = pixels.ndim > 2 and pixels.shape[-1] == 3
    shape = pixels.shape[:-1] if coloured else pixels.shape
    made.SamplesPerPixel = 3 if coloured else 1
    made.PhotometricInterpretation = "RGB" if coloured else "MONOCHROME2"
    if coloured:
        made.PlanarConfiguration = 0
    made.Rows, made.Columns = shape[-2:]
    if len(shape) > 2:
        made.NumberOfFrames = shape[0]
    made.BitsAllocated = made.BitsStored = 8 * pixels.dtype.itemsize
    made.HighBit = made.BitsStored - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    made["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def octets(pixels: Any, **elements: Any) -> bytes:
    """Return such an instance as a file."""
    return written(data_set(pixels, **elements))


def written(made: Dataset) -> bytes:
    """Return a data set as a file."""
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    file = BytesIO()
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()


def values(**elements: Any) -> FrameValues:
    """Return what a header with these elements says of its first frame."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return FrameValues(made, 0)


def seen(webp: bytes) -> Any:
    """Return the pixels of a thumbnail: height by width by 3."""
    with Image.open(BytesIO(webp)) as image:
        return np.asarray(image.convert("RGB"))


def ramp(height: int = 64, width: int = 64, dtype: str = "<u2", step: int = 10) -> Any:
    """Return a frame that becomes brighter from left to right."""
    return np.tile(np.arange(width) * step, (height, 1)).astype(dtype)
