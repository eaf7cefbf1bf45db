"""The profile that replaces each other one is a valid one for sRGB, and always the same."""

from io import BytesIO

import pytest

from adapters.deidentify.dicom.srgb import HEADER, srgb


def test_header() -> None:
    """It says its own length, has neither date nor device, and each tag lies inside it."""
    profile = srgb()
    assert profile == srgb()
    assert int.from_bytes(profile[:4]) == len(profile)
    assert profile[12:24] == b"scnrRGB XYZ "
    assert profile[24:36] == bytes(12), "a date"
    assert profile[36:40] == b"acsp"
    assert profile[48:64] == bytes(16), "a manufacturer, a model"
    for place in range(int.from_bytes(profile[HEADER : HEADER + 4])):
        at = HEADER + 4 + 12 * place
        start, size = int.from_bytes(profile[at + 4 : at + 8]), int.from_bytes(profile[at + 8 : at + 12])
        assert start % 4 == 0
        assert start + size <= len(profile)


def test_colours_stay() -> None:
    """To a colour engine it is sRGB: colours that it converts to sRGB stay as they are."""
    cms = pytest.importorskip("PIL.ImageCms")
    image = pytest.importorskip("PIL.Image").frombytes("RGB", (16, 16), bytes(range(256)) * 3)
    profile = cms.ImageCmsProfile(BytesIO(srgb()))
    assert profile.profile.profile_description == "sRGB"
    converted = cms.profileToProfile(image, profile, cms.createProfile("sRGB"))
    assert max(abs(a - b) for a, b in zip(image.tobytes(), converted.tobytes(), strict=True)) <= 1
