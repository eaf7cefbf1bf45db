"""Two small hospitals in folders, with images and reports, and the work of a pipeline over them."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from adapters.deidentify.settings import DeidentifySettings
from adapters.objects.folder import Folder
from adapters.pipeline.drivers.interface import Driver
from adapters.pipeline.running import Summary, run
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.work import Done, Task, Work, opened
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from gateway.contract.domains import DomainSettings
from gateway.contract.objects import Bucket
from gateway.process.loop import run_loop

NAMES = ("north", "south", "public", "thumbs")
PLANTED = ("Zabriskie", "Quillfeather", "MRN-771", "19481213", "1948-12-13", "ACC77")
"""What names patients here; none of it may be on the public side."""


class Opener:
    """Opens folders as buckets. It can be pickled."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, name: str) -> Bucket:
        """Return a bucket."""
        return Folder(self.root / name)


def instance(study: int, number: int, **changes: Any) -> bytes:
    """Return an image of a patient who has the number of the study."""
    data_set = Dataset()
    values: Mapping[str, Any] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"1.2.826.77.{study}.1.{number}",
        "SeriesInstanceUID": f"1.2.826.77.{study}.1",
        "StudyInstanceUID": f"1.2.826.77.{study}",
        "PatientName": f"Zabriskie{study}^Quillfeather",
        "PatientID": f"MRN-771{study}",
        "PatientBirthDate": "19481213",
        "PatientSex": "F",
        "AccessionNumber": f"ACC77{study}",
        "StudyDate": "20200315",
        "Modality": "CT",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "BodyPartExamined": "CHEST",
        "InstanceNumber": str(number),
        "Rows": 16,
        "Columns": 16,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelData": (np.arange(256, dtype=np.uint16) % (5 * study + number)).tobytes(),
        **changes,
    }
    for name, value in values.items():
        setattr(data_set, name, value)
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    data_set.file_meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()


REPORTS = {
    "north/reports/1.csv": "ACC_NO,REPORT_DATE,REPORT\r\n"
    'ACC771,2020-03-16,"Zabriskie1 has a clear chest,\nno effusion"\r\n'
    "ACC772,2020-03-17,Quillfeather Zabriskie2: small nodule\r\n",
    "south/csv/1.csv": "Accession;Findings\nACC773;Nodule of MRN-7713 unchanged – größer\n",  # noqa: RUF001  cp1252 has this dash
}


def hospitals(root: Path, studies: int = 2, images: int = 2) -> None:
    """Write the buckets of two hospitals."""
    for hospital, first in (("north", 1), ("south", 3)):
        for study in range(first, first + studies):
            for number in range(1, images + 1):
                folder = "north/dicom" if hospital == "north" else "south"
                put(root, f"{folder}/{study}/{number}.dcm", instance(study, number))
    for name, text in REPORTS.items():
        put(root, name, text.encode("utf-8" if name.startswith("north") else "cp1252"))


def put(root: Path, name: str, octets: bytes) -> Path:
    """Write an object."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    return path


def settings(root: Path, **changes: Any) -> PipelineSettings:
    """Return the section ``pipeline``."""
    return PipelineSettings.model_validate(
        {
            "hospitals": {
                "north": {
                    "images": "north:dicom/**.dcm",
                    "reports": "north:reports/*.csv",
                    "columns": {"accession": "ACC_NO", "date": "REPORT_DATE", "text": "REPORT"},
                },
                "south": {
                    "images": "south:**.dcm",
                    "reports": "south:csv/*",
                    "columns": {"accession": "Accession", "text": "Findings"},
                    "encoding": "cp1252",
                },
            },
            "via": "anonymous",
            "tables": root / "identified" / "tables",
            "public": {
                "tables": "public:tables/",
                "thumbnails": "thumbs:",
                "columns": ["Modality", "BodyPartExamined", "report"],
            },
            "gate": {"k_anonymity": 1, "second_look": False},
            "processes": 1,
            **changes,
        }
    )


def work(root: Path, **changes: Any) -> Work:
    """Return the work over the two hospitals."""
    key = root / "key"
    key.write_bytes(b"k" * 32)
    step = DeidentifySettings.model_validate(
        {
            "kind": "deidentify",
            "key_file": key,
            "default_domain": "hospital",
            "hl7v2": {"text": "known_identifiers"},
        }
    )
    made = settings(root, **changes)
    return Work(made, step, {"hospital": DomainSettings()}, made.tables / "work", Opener(root))


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file and folder below one, with its size and the time of its last change."""
    found = {}
    for base, folders, names in os.walk(folder):
        for each in (*folders, *names):
            status = (Path(base) / each).lstat()
            found[str((Path(base) / each).relative_to(folder))] = (status.st_size, status.st_mtime_ns)
    return found


class Here:
    """A driver that works in this process, one task after the other."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def run(self, tasks: Sequence[Task]) -> AsyncIterator[Done]:
        """Yield what became of each task."""
        async with opened(self._work) as process:
            for each in tasks:
                yield await process(each)


@asynccontextmanager
async def here(work: Work) -> AsyncIterator[Driver]:
    """Open the driver."""
    yield Here(work)


def once(work: Work, version: str = "1") -> Summary:
    """Run once."""
    return run_loop(run(work, here, version))


def rows(folder: Path, table: str, columns: str = "*") -> list[Any]:
    """Return the rows of a table in a fixed order."""
    engine = Engine({"main": Tables(folder)})
    try:
        return engine.query(f"SELECT {columns} FROM {table} ORDER BY ALL").rows  # type: ignore[return-value]
    finally:
        engine.close()


async def once_chunk(octets: bytes) -> AsyncIterator[bytes]:
    """Yield octets at once, as buckets take them."""
    yield octets
