"""Objects whose image is searched: redacted, unchanged, or held back."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.pixels import redactor
from adapters.deidentify.dicom.pixels.detector import Detector
from adapters.deidentify.dicom.pixels.redacting import RedactingHere
from adapters.deidentify.dicom.tree import Element
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from tests.adapters.deidentify.dicom.made import compressed, native, transformer
from tests.adapters.deidentify.dicom.pixels.doubles import SIDE, Bright, Broken, Stubborn, TwoLooks, frame, rle
from tests.adapters.deidentify.dicom.pixels.test_frames import SYNTAX


def through(file: bytes, detector: Callable[[], Detector] | None, **profile: Any) -> tuple[bytes, Manifest]:
    """Return the file after the step, and its manifest."""
    manifest = Manifest("test", "key")
    engine = FileDeidentifier(
        transformer(pixels="redact_all_text", **profile),
        manifest,
        None if detector is None else RedactingHere(detector),
    )
    out = [bytes(each) for each in engine.receive_data(file)]
    return b"".join(out + [bytes(each) for each in engine.receive_end()]), manifest


def test_redacted() -> None:
    """Text is covered; the rest of the pixels is as it was, and the object says what was done."""
    out, manifest = through(native(frame().tobytes(), rows=SIDE, columns=SIDE), Bright)
    after = dcmread(BytesIO(out))
    changed = after.pixel_array != frame()
    assert changed[10:14, 8:24].all()
    assert not changed[:7].any()
    assert not changed[17:].any()
    assert "NO" == after.BurnedInAnnotation
    assert "YES" == after.PatientIdentityRemoved
    assert "113101" in [each.CodeValue for each in after.DeidentificationMethodCodeSequence]
    assert 0 < manifest.done["pixels", "redacted"]


def test_unchanged() -> None:
    """If nothing is found, the octets of the pixels are those of the original."""
    pixels = frame(has_text=False).tobytes()
    out, manifest = through(native(pixels, rows=SIDE, columns=SIDE), Bright)
    assert out.endswith(pixels)
    assert 0 == manifest.done["pixels", "redacted"]


def test_compressed_and_unchanged() -> None:
    """Compressed frames without text stay as they were compressed."""
    coded = rle(frame(has_text=False))
    out, _ = through(compressed(SYNTAX, coded, rows=SIDE, columns=SIDE), Bright)
    assert SYNTAX == dcmread(BytesIO(out)).file_meta.TransferSyntaxUID
    assert coded in out


def test_compressed() -> None:
    """Compressed frames with text are decoded and written in Explicit VR Little Endian."""
    out, _ = through(compressed(SYNTAX, rle(frame()), rows=SIDE, columns=SIDE), Bright)
    after = dcmread(BytesIO(out))
    assert "1.2.840.10008.1.2.1" == after.file_meta.TransferSyntaxUID
    assert after.pixel_array.max() < 150
    assert (after.pixel_array == frame())[17:].all()


@pytest.mark.parametrize("count", [3, 20])
def test_all_frames(count: int) -> None:
    """What one frame shows is covered in all; of many frames one that nobody looks at alone is seen with the others."""
    frames = [frame(has_text=each == 1) for each in range(count)]
    file = native(b"".join(each.tobytes() for each in frames), rows=SIDE, columns=SIDE, frames=count)
    after = dcmread(BytesIO(through(file, Bright)[0])).pixel_array
    assert after.max() < 150
    assert all((each[10:14, 8:24] == each.min()).all() for each in after)


def test_second_look() -> None:
    """What the second look can read is covered as well."""
    made = frame()
    made[20, 0] = 255  # something that was found at first
    out, _ = through(native(made.tobytes(), rows=SIDE, columns=SIDE), TwoLooks)
    assert dcmread(BytesIO(out)).pixel_array[10:14, 8:24].max() < 150


def test_text_that_is_left() -> None:
    """If text can still be read, the object is held back."""
    with pytest.raises(HeldBackError, match="can still be read"):
        through(native(frame().tobytes(), rows=SIDE, columns=SIDE), Stubborn)


def test_no_detector() -> None:
    """Without the extra an image that would be searched is held back; one that would not be goes on."""
    file = native(frame().tobytes(), rows=SIDE, columns=SIDE)
    with pytest.raises(HeldBackError, match="extra `ocr`"):
        through(file, None)
    original = Element(0x00080008, b"CS", rb"ORIGINAL\PRIMARY")
    through(native(frame().tobytes(), original, rows=SIDE, columns=SIDE), None, search_originals=False)


def test_own_regions() -> None:
    """Areas of the configuration are covered although no text is found in them."""
    pixels = frame(has_text=False).tobytes()
    file = native(pixels, Element(0x00080070, b"LO", b"Acme"), rows=SIDE, columns=SIDE)
    out, _ = through(file, Bright, regions=[{"manufacturer": "acme", "areas": [[4, 2, 6, 3]]}])
    after = dcmread(BytesIO(out)).pixel_array
    assert (after[2:5, 4:10] == 100).all()


def test_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels that do not fit into memory are held back."""
    monkeypatch.setattr(redactor, "MOST_OCTETS", 100)
    with pytest.raises(HeldBackError, match="longer than"):
        through(native(frame().tobytes(), rows=SIDE, columns=SIDE), Bright)


def test_broken_detector() -> None:
    """If the detector fails, nothing has been passed on."""
    engine = FileDeidentifier(transformer(pixels="redact_all_text"), Manifest("test", "key"), RedactingHere(Broken))
    file = native(frame().tobytes(), rows=SIDE, columns=SIDE)
    assert [] == [each for each in engine.receive_data(file) if len(each)]
    with pytest.raises(RuntimeError):
        next(engine.receive_end())
