"""Covers text in images, in a process of its own: prints the images a second of processor time, and the most MiB."""

import json
import resource
import sys
import time
from random import Random

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.pixels.detector import shared_detector
from adapters.deidentify.manifest import Manifest
from tests.adapters.deidentify.dicom.made import native, transformer
from tests.adapters.deidentify.dicom.pixels import backgrounds, planted


def files(name: str, count: int) -> list[bytes]:
    """Return objects with frames of one sort."""
    made = []
    for number in range(count):
        random = Random(number)
        if name == "us":
            frame, _ = planted.plant(backgrounds.ultrasound(random), random)
        elif name == "ct":
            frame = backgrounds.radiograph(random, 512, 512)
        else:
            frame, _ = planted.plant(backgrounds.radiograph(random, 2200, 1800), random)
        height, width = frame.shape[:2]
        samples = 3 if frame.ndim == 3 else 1
        made.append(native(frame.tobytes(), rows=height, columns=width, allocated=8 * frame.itemsize, samples=samples))
    return made


def main() -> None:
    """Run for one sort of images."""
    objects = files(sys.argv[1], int(sys.argv[2]))
    engine = transformer(pixels="redact_all_text")
    shared_detector()
    begin = time.process_time()
    for each in objects:
        file = FileDeidentifier(engine, Manifest("bench", "key"), shared_detector)
        for _ in (*file.receive_data(each), *file.receive_end()):
            pass
    spent = time.process_time() - begin
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"value": len(objects) / spent, "MiB": most}))


if __name__ == "__main__":
    main()
