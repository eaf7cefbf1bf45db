"""A hundred frames without text: real ones, parts of real ones beside their text, and made ones."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tests.adapters.deidentify.dicom.pixels import backgrounds
from tests.adapters.deidentify.dicom.pixels.backgrounds import Frame
from tests.adapters.deidentify.dicom.pixels.planted import seeded
from tests.adapters.deidentify.dicom.pixels.rows import Part, real

COUNT = 100
WHOLE = np.s_[:, :]


class Source(NamedTuple):
    """Frames of one file, and which part of them has no text."""

    name: str
    frames: int = 1
    part: Part = WHOLE


SOURCES = (
    Source("693_J2KI.dcm"),
    Source("J2K_pixelrep_mismatch.dcm"),
    Source("CT_small.dcm"),
    Source("MR_small.dcm"),
    Source("examples_overlay.dcm"),
    Source("JPEG2000.dcm"),
    Source("liver_1frame.dcm"),
    Source("examples_ybr_color.dcm", 6, np.s_[25:205, 60:250]),
    Source("examples_jpeg2k.dcm", 1, np.s_[150:300, 60:560]),
    Source("dcm4che/CT-JPEGLosslessSV1.dcm"),
    Source("dcm4che/NM-MONO2-16-13x-heart.dcm", 13),
    Source("dcm4che/US-RGB-8-epicard.dcm", 1, np.s_[125:400, 150:500]),
    Source("dcm4che/YBR_422.dcm", 1, np.s_[95:330, 220:740]),
    Source("fo-dicom/CT-MONO2-16-ankle.dcm", 1, np.s_[60:460, 135:380]),
    Source("fo-dicom/CT1_J2KI.dcm"),
    Source("fo-dicom/GH1308.dcm"),
    Source("fo-dicom/GH1728.dcm"),
    Source("fo-dicom/GH610.dcm"),
    Source("fo-dicom/GH538-jpeg14sv1.dcm", 1, np.s_[60:380, 260:530]),
    Source("gcp-adapter/1.2.840.113543.6.6.1.1.2.2415947926921624359.201235357587280.dcm", 10, np.s_[:185, :160]),
    Source("presidio/0_ORIGINAL_compressed.dcm", 1, np.s_[300:800, 200:800]),
    Source("presidio/0_ORIGINAL_compressed.dcm", 1, np.s_[400:800, 1000:1600]),
    Source("presidio/0_ORIGINAL_compressed.dcm", 1, np.s_[1000:1500, 400:900]),
    Source("presidio/0_ORIGINAL_compressed.dcm", 1, np.s_[1000:1500, 1300:1800]),
    Source("pydicom-data/RG3_J2KI.dcm", 1, np.s_[400:800, 600:1100]),
    Source("pydicom-data/RG3_J2KI.dcm", 1, np.s_[1260:, 600:1100]),
    Source("pydicom-data/color-pl.dcm", 1, np.s_[:, :200]),
    Source("pydicom-data/JPEG-LL.dcm"),
    Source("pydicom-data/MR-SIEMENS-DICOM-WithOverlays.dcm"),
    Source("pydicom-data/emri_small_jpeg_2k_lossless.dcm", 10),
    Source("pydicom-data/explicit_VR-UN.dcm"),
    Source("pynetdicom/CTImageStorage.dcm"),
    Source("suyashkumar/2.dcm"),
    Source("suyashkumar/3.dcm"),
)
"""CT, MR, CR, PET, nuclear medicine, ultrasound, a segmentation. Each was looked at: no letter is in them."""


def real_frames() -> Iterator[tuple[str, Frame]]:
    """Yield the real ones that are there, each with the name of its file."""
    for name, frames, part in SOURCES:
        for number in range(frames):
            frame = real(name, part, number)
            if frame is not None:
                yield name, frame


def made_frames(count: int) -> Iterator[tuple[str, Frame]]:
    """Yield so many made ones."""
    for number, chance in enumerate(seeded(count, 7)):
        if number % 2:
            yield "US, made", backgrounds.ultrasound(chance, 300, 400)
        else:
            yield "CR, made", backgrounds.radiograph(chance, 400, 340)


def frames() -> Iterator[tuple[str, Frame]]:
    """Yield a hundred."""
    found = list(real_frames())
    yield from found
    yield from made_frames(COUNT - len(found))
