"""Which instances have no thumbnail, by their header."""

from typing import Any

from adapters.pipeline.thumbnails.errors import NoPictureError

ROOT = "1.2.840.10008.5.1.4.1.1."
NO_PICTURES = {
    f"{ROOT}66.4": "it is a segmentation",
    f"{ROOT}66.7": "it is a segmentation",
    f"{ROOT}66": "it is raw data, a registration or a surface",
    f"{ROOT}67": "it is a mapping of values",
    f"{ROOT}68": "it is a surface",
    f"{ROOT}30": "it is a parametric map",
    f"{ROOT}88": "it is a structured report",
    f"{ROOT}11": "it is a presentation state",
    f"{ROOT}481": "it is an object of radiotherapy",
    f"{ROOT}104": "it is an encapsulated document",
    f"{ROOT}9": "it is a waveform",
    "1.2.840.10008.1.3.10": "it is a DICOMDIR",
}
"""By SOP class (PS3.4 B.5), or what all SOP classes of one sort begin with."""
WHOLE_SLIDE = f"{ROOT}77.1.6"
LABEL = "it is the label of a slide, on which its patient is written"
LABEL_IN_IMAGE = "the label of the slide is part of its image"
NO_PIXELS = "it has no pixel data"
NOT_INTEGERS = "its pixels are no integers, so that nothing says how they look"
TOO_LARGE = "one of its frames is larger than the limit of {most} MiB"
PIXEL_DATA = 0x7FE00010


def refuse(header: Any, pixels: int | None, most: int) -> None:
    """Raise NoPictureError if there is no thumbnail; *pixels* is the tag of the pixel data."""
    sop_class = str(header.get("SOPClassUID", ""))
    for root, reason in NO_PICTURES.items():
        if sop_class == root or sop_class.startswith(f"{root}."):
            raise NoPictureError(reason)
    refuse_label(header)
    if pixels is None:
        raise NoPictureError(NO_PIXELS)
    if pixels != PIXEL_DATA:
        raise NoPictureError(NOT_INTEGERS)
    if octets_of_frame(header) > most:
        raise NoPictureError(TOO_LARGE.format(most=most // 2**20))


def refuse_label(header: Any) -> None:
    """Raise NoPictureError for an image with the label of a slide in it (PS3.3 C.8.12.4.1.1, C.7.6.22)."""
    if "LABEL" in image_type(header)[2:]:
        raise NoPictureError(LABEL)
    if str(header.get("SpecimenLabelInImage", "")).strip().upper() == "YES":
        raise NoPictureError(LABEL_IN_IMAGE)


def image_type(header: Any) -> list[str]:
    """Return the values of Image Type in capitals."""
    value = header.get("ImageType") or ()
    return [str(each).strip().upper() for each in ([value] if isinstance(value, str) else value)]


def octets_of_frame(header: Any) -> int:
    """Return the octets that a decoded frame has in memory."""
    samples = int(header.get("SamplesPerPixel") or 1)
    octets = -(-int(header.get("BitsAllocated") or 8) // 8)
    return int(header.get("Rows") or 0) * int(header.get("Columns") or 0) * samples * octets
