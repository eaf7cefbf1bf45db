"""Edits an instance of many octets that nobody holds, and prints how the resident set grew, in MiB."""

import argparse
import asyncio
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path

from adapters.dicom.settings import EditDicomSettings
from adapters.dicom.step import EditDicom
from gateway.contract.body import Buffer
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from tests.adapters.dicom.instances import EXPLICIT, element, part10

CHUNK = bytes(256 * 1024)
BEFORE = element(0x00100020, "LO", b"ID") + element(0x00104000, "LT", b"before")
SETTINGS = EditDicomSettings(
    kind="edit_dicom", set={"PatientID": "NEW", "IssuerOfPatientID": "HOSP"}, keep_private=False
)


class Arriving:
    """An instance whose pixel data has *size* octets."""

    length, replayable = None, False

    def __init__(self, size: int) -> None:
        self._size = size

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield it as a socket would give it."""
        header = struct.pack("<HH2sxxL", 0x7FE0, 0x0010, b"OW", self._size)
        yield part10(BEFORE, EXPLICIT) + header
        for _ in range(self._size // len(CHUNK)):
            yield CHUNK
        yield CHUNK[: self._size % len(CHUNK)]


async def edit(size: int) -> float:
    """Return how many MiB the resident set grew at most while an instance was edited."""
    step = EditDicom(SETTINGS)
    small = await step(Message("warm", Arriving(1 << 20), {}, {}))  # what the first one costs once is not counted
    assert not isinstance(small, Refused)
    async for _ in small.body.chunks():
        pass
    before, count = _resident("VmHWM"), 0
    result = await step(Message("bench", Arriving(size), {}, {}))
    assert not isinstance(result, Refused)
    async for chunk in result.body.chunks():
        count += len(chunk)
    assert count > size
    return (_resident("VmHWM") - before) / 1024


def _resident(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    print(json.dumps(asyncio.run(edit(parser.parse_args().size))))  # noqa: T201  this is its result
