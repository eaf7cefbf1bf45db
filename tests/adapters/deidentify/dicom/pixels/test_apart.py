"""A decoder that crashes or hangs costs one object, and ordinary ones become what they become in one process."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.pixels import apart
from adapters.deidentify.dicom.pixels.apart import ENDED, HUNG, Order, RedactingApart, answer_to
from adapters.deidentify.dicom.pixels.detector import Detector
from adapters.deidentify.dicom.pixels.redacting import Pixels, Redacting, RedactingHere
from adapters.deidentify.dicom.pixels.redactor import Redacted
from adapters.deidentify.errors import INTERNAL_ERROR, HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.isolation.process import ClosedError, LostError
from tests.adapters.deidentify.dicom.made import compressed, native, transformer
from tests.adapters.deidentify.dicom.pixels.doubles import (
    DEADLY,
    REACHED,
    SIDE,
    Bright,
    Broken,
    Crashing,
    Hanging,
    Loud,
    frame,
    rle,
)
from tests.adapters.deidentify.dicom.pixels.test_frames import SYNTAX, items
from tests.adapters.deidentify.dicom.pixels.test_redacting import NATIVE, form
from tests.dicom_files import shipped

ORDINARY = native(frame().tobytes(), rows=SIDE, columns=SIDE)
DEADLY_FILE = native(np.tile(np.arange(DEADLY, dtype=np.uint8), DEADLY).tobytes(), rows=DEADLY, columns=DEADLY)
SEVERAL = [frame(has_text=each == 1).tobytes() for each in range(20)]


def through(file: bytes, redacting: Redacting) -> bytes:
    """Return the file after the step."""
    engine = FileDeidentifier(transformer(pixels="redact_all_text"), Manifest("test", "key"), redacting)
    out = [bytes(each) for each in engine.receive_data(file)]
    return b"".join(out + [bytes(each) for each in engine.receive_end()])


@contextmanager
def apart_with(load: Callable[[], Detector], told: list[LostError], patience: float = 60) -> Iterator[RedactingApart]:
    """Yield what redacts in a process with this detector."""
    redacting = RedactingApart(load, told.append, patience)
    try:
        yield redacting
    finally:
        redacting.close()
        assert not redacting._process.is_running


def deadly_jpeg() -> bytes:
    """Return a lossless JPEG one octet of which is damaged: at that gdcm 3.2 calls ``abort``.

    It is the colour transformation in the segment of Adobe (ITU-T T.872 6.5.3), of which there are 0, 1 and 2.
    """
    file = bytearray(shipped("SC_rgb_jpeg_gdcm.dcm").read_bytes())
    file[file.index(b"Adobe") + 11] = 0x52
    return bytes(file)


def test_as_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects with and without text, native and compressed, of one and of many frames, become the same octets."""
    monkeypatch.setattr(apart, "AT_ONCE", 3 * SIDE * SIDE)
    told: list[LostError] = []
    with apart_with(Bright, told) as redacting:
        for file in (
            ORDINARY,
            native(frame(has_text=False).tobytes(), rows=SIDE, columns=SIDE),
            native(b"".join(SEVERAL), rows=SIDE, columns=SIDE, frames=20),
            compressed(SYNTAX, rle(frame()), rows=SIDE, columns=SIDE),
            compressed(SYNTAX, rle(frame(has_text=False)), rows=SIDE, columns=SIDE),
            compressed(SYNTAX, *(rle(frame(has_text=each == 1)) for each in range(20)), rows=SIDE, columns=SIDE,
                       frames=20),
        ):  # fmt: skip
            assert through(file, RedactingHere(Bright)) == through(file, redacting)
    assert [] == told


def test_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames with a palette that come in parts have one form."""
    monkeypatch.setattr(apart, "AT_ONCE", SIDE * SIDE)
    palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    value = items(*(rle(frame(has_text=each == 1)) for each in range(3)))
    pixels = Pixels(replace(form(3), photometric="PALETTE COLOR", palette=palette), SYNTAX, value)
    made = []
    with apart_with(Bright, []) as process:
        for redacting in (RedactingHere(Bright), process):
            redacted = Redacted(redacting.covered(pixels, redacting.boxes(pixels, set())), 3)
            made.append(b"".join(redacted.octets()))
            assert 3 == redacted.form.frames
    assert made[0] == made[1]


def test_crash() -> None:
    """At what ends two processes the object is held back; the next one is done."""
    told: list[LostError] = []
    with apart_with(Crashing, told) as redacting:
        with pytest.raises(HeldBackError, match=ENDED):
            through(DEADLY_FILE, redacting)
        assert [-signal.SIGSEGV] * 2 == [each.status for each in told]
        assert through(ORDINARY, RedactingHere(Bright)) == through(ORDINARY, redacting)
    assert 2 == len(told)


def test_hang() -> None:
    """At what hangs the object is held back, without another try, and the next one is done."""
    told: list[LostError] = []
    with apart_with(Hanging, told, patience=2) as redacting:
        with pytest.raises(HeldBackError, match=HUNG):
            through(DEADLY_FILE, redacting)
        assert [True] == [each.has_hung for each in told]
        assert through(ORDINARY, RedactingHere(Bright)) == through(ORDINARY, redacting)


def test_damaged_jpeg(capfd: pytest.CaptureFixture[str]) -> None:
    """A damaged frame at which gdcm ends its process costs one object, and what gdcm says is not heard."""
    pytest.importorskip("gdcm", reason="the extra ocr is not installed")
    told: list[LostError] = []
    with apart_with(Bright, told) as redacting:
        with pytest.raises(HeldBackError, match=ENDED):
            through(deadly_jpeg(), redacting)
        assert [-signal.SIGABRT] * 2 == [each.status for each in told]
        intact = shipped("SC_rgb_jpeg_gdcm.dcm").read_bytes()
        assert through(intact, RedactingHere(Bright)) == through(intact, redacting)
    assert ("", "") == capfd.readouterr()


def test_killed_between_two_images() -> None:
    """A process that somebody kills while it has nothing to do costs nothing."""
    told: list[LostError] = []
    with apart_with(Bright, told) as redacting:
        first = through(ORDINARY, redacting)
        running = redacting._process._process
        assert running is not None
        assert running.pid is not None
        os.kill(running.pid, signal.SIGKILL)
        os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is not reaped here
        assert first == through(ORDINARY, redacting)
    assert [] == told


def test_killed_at_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object at which the process is killed is tried once more; what ends with the gateway is not refused."""
    reached = tmp_path / "reached"
    monkeypatch.setenv(REACHED, str(reached))
    told: list[LostError] = []
    found: list[Exception] = []
    with apart_with(Hanging, told) as redacting:

        def work() -> None:
            try:
                through(DEADLY_FILE, redacting)
            except (HeldBackError, ClosedError) as error:
                found.append(error)

        working = threading.Thread(target=work)
        working.start()
        await_file(reached)
        running = redacting._process._process
        assert running is not None
        reached.unlink()
        running.kill()
        await_file(reached)
        redacting.close()
        working.join(60)
    assert [ClosedError] == list(map(type, found))
    assert [False] == [each.has_hung for each in told]


def await_file(path: Path) -> None:
    """Return when the file is there."""
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """What is printed in the process goes nowhere."""
    with apart_with(Loud, []) as redacting:
        through(ORDINARY, redacting)
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize(("detector", "answer"), [(Bright(), set), (Broken(), str)])
def test_answer(detector: Detector, answer: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is where text is; for whatever fails a reason that quotes nothing. Each look has its time."""
    limits: list[float] = []
    monkeypatch.setattr(apart, "limit", limits.append)
    order = Order(form(1), NATIVE, frozenset(), is_search=True)
    found = answer_to(order, frame().tobytes(), detector, 7)
    assert isinstance(found, answer)
    assert INTERNAL_ERROR == found if answer is str else found
    assert limits
    assert all(7 < each < 7.1 for each in limits)


def test_answer_of_a_broken_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be decoded is told with its reason."""
    monkeypatch.setattr(apart, "limit", lambda _: None)
    for is_search in (True, False):
        found = answer_to(Order(form(1), SYNTAX, frozenset(), is_search), b"", Bright(), 7)
        assert isinstance(found, str)
        assert "cannot be decoded" in found
