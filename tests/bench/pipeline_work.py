"""A hospital's bucket with CT images, the work of a pipeline over it, and how much of the bucket is read."""

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from adapters.deidentify.settings import DeidentifySettings
from adapters.objects.folder import Folder
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.work import Work
from gateway.contract.domains import DomainSettings
from tests.adapters.pipeline.small import instance

SIZE = 512
STUDY = 20
"""Images of one study."""
NO_SEARCH: Mapping[str, Any] = {}
SEARCH: Mapping[str, Any] = {"pixels": "redact_all_text"}
"""The section ``dicom`` of the step: text in images is searched for and covered, or not."""


class Counted(Folder):
    """A bucket that notes each request for an object with its octets in a file: several processes read."""

    def __init__(self, folder: Path, notes: Path) -> None:
        super().__init__(folder)
        self._notes = notes

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return octets of the object."""
        found = await super().read(key, first, count)
        descriptor = os.open(self._notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, b"%d\n" % len(found))
        os.close(descriptor)
        return found


class Opener:
    """Opens the buckets. It can be pickled."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, name: str) -> Counted:
        """Return a bucket."""
        return Counted(self._root / name, self._root / "notes")


def cost(root: Path) -> Counter[str]:
    """Return the requests and their octets that were noted, and forget them."""
    notes = root / "notes"
    sizes = [int(line) for line in notes.read_text().split()] if notes.exists() else []
    notes.unlink(missing_ok=True)
    return Counter({"requests": len(sizes), "octets": sum(sizes)})


def ct(number: int) -> bytes:
    """Return a CT image of 512 by 512 that looks like one."""
    from tests.adapters.deidentify.dicom.pixels import backgrounds  # noqa: PLC0415  it needs the extra

    pixels = backgrounds.radiograph(Random(number % STUDY), SIZE, SIZE)
    study, image = divmod(number, STUDY)
    return instance(study + 1, image + 1, Rows=SIZE, Columns=SIZE, PixelData=pixels.tobytes())


def filled(root: Path, count: int) -> None:
    """Write the bucket of a hospital."""
    for number in range(count):
        path = root / "north" / f"{number // STUDY}" / f"{number}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ct(number))


def work(root: Path, tables: str, dicom: Mapping[str, Any] = NO_SEARCH) -> Work:
    """Return the work with one process, whose results are in a folder of this name."""
    key = root / "key"
    key.write_bytes(b"k" * 32)
    step = {"kind": "deidentify", "key_file": key, "default_domain": "hospital", "dicom": dicom}
    settings = PipelineSettings.model_validate(
        {
            "hospitals": {"north": {"images": "north:**.dcm"}},
            "via": "anonymous",
            "tables": root / tables,
            "public": {"tables": "public:", "thumbnails": "thumbs:", "columns": ["Modality", "BodyPartExamined"]},
            "gate": {"second_look": False},
            "processes": 1,
        }
    )
    folder = settings.tables / "work"
    return Work(settings, DeidentifySettings.model_validate(step), {"hospital": DomainSettings()}, folder, Opener(root))
