"""Covers text in images, in a process of its own: prints the images a second of processor time, and the most MiB."""

import json
import resource
import subprocess
import sys
import time
from random import Random

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.pixels.detector import shared_detector
from adapters.deidentify.dicom.pixels.redacting import RedactingHere
from adapters.deidentify.manifest import Manifest
from tests.adapters.deidentify.dicom.made import native, transformer

MAKE = "make"
PIECE = 128 * 1024
"""Octets that come at once, as in a gateway."""
SIZES = {"us": (600, 800), "ct": (512, 512), "cr": (2200, 1800), "mg": (4000, 3000)}


def made(name: str, number: int) -> bytes:
    """Return an object with a frame of one sort."""
    from tests.adapters.deidentify.dicom.pixels import backgrounds, planted  # noqa: PLC0415  they take memory

    chance = Random(number)
    frame = (backgrounds.ultrasound if name == "us" else backgrounds.radiograph)(chance, *SIZES[name])
    if name != "ct":
        frame, _ = planted.plant(frame, chance)
    height, width = frame.shape[:2]
    samples = 3 if frame.ndim == 3 else 1
    return native(frame.tobytes(), rows=height, columns=width, allocated=8 * frame.itemsize, samples=samples)


def objects(name: str, count: int) -> list[bytes]:
    """Return objects that other processes make, whose memory does not count."""
    command = [sys.executable, "-m", "tests.bench.pixels_alone", name]
    return [
        subprocess.run([*command, str(each), MAKE], check=True, capture_output=True).stdout for each in range(count)
    ]


def main() -> None:
    """Run for one sort of images."""
    files = objects(sys.argv[1], int(sys.argv[2]))
    engine = transformer(pixels="redact_all_text")
    shared_detector()
    begin = time.process_time()
    for each in files:
        file = FileDeidentifier(engine, Manifest("bench", "key"), RedactingHere(shared_detector))
        for start in range(0, len(each), PIECE):
            for _ in file.receive_data(each[start : start + PIECE]):
                pass
        for _ in file.receive_end():
            pass
    spent = time.process_time() - begin
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"value": len(files) / spent, "MiB": most}))


if __name__ == "__main__":
    if sys.argv[3:] == [MAKE]:
        sys.stdout.buffer.write(made(sys.argv[1], int(sys.argv[2])))
    else:
        main()
