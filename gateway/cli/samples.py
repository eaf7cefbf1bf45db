"""The samples of the demo: HL7v2 messages of an invented patient, and small DICOM files that pydicom ships."""

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydicom.data import get_testdata_file

PATIENT = "PID|1||0000001^^^DEMO^MR||SAMPLE^ONE||19700101|F"
VISIT = "PV1|1|I|W1^101^1"


@dataclass(frozen=True, slots=True)
class Hl7Sample:
    """A message, and the answer that is expected from the store of the demo."""

    title: str
    kind: str
    segments: tuple[str, ...]
    answer: str = "AA"

    def payload(self, control_id: str) -> bytes:
        """Return the message with *control_id* in MSH-10."""
        header = rf"MSH|^~\&|DEMO|WARD|HILUM|CLOUD|20260102030405||{self.kind}|{control_id}|P|2.5.1"
        return "".join(f"{segment}\r" for segment in (header, *self.segments)).encode()


HL7_SAMPLES = (
    Hl7Sample("admit.hl7", "ADT^A01^ADT_A01", ("EVN||20260102030405", PATIENT, VISIT)),
    Hl7Sample("update.hl7", "ADT^A08^ADT_A01", ("EVN||20260102030405", PATIENT, VISIT)),
    Hl7Sample("result.hl7", "ORU^R01^ORU_R01", (PATIENT, "OBR|1|1001|2001|718-7", "OBX|1|NM|718-7||13.2|g/dL|||||F")),
    Hl7Sample("booking.hl7", "SIU^S12^SIU_S12", ("SCH|1|2||||ROUTINE|CHECKUP|||30|MIN", PATIENT)),
    Hl7Sample("broken.hl7", "ADT^A01^ADT_A01", ("EVN||20260102030405", "not a segment"), answer="AE"),
)
"""The store refuses the last message, and the sender gets the store's own NACK."""

DICOM_NAMES = (
    "CT_small.dcm",
    "MR_small.dcm",
    "examples_jpeg2k.dcm",
    "image_dfl.dcm",
    "waveform_ecg.dcm",
    "liver_1frame.dcm",
)


def samples_folder() -> Path:
    """Return the folder of this user for the samples. It stays after the demo; the next demo overwrites the files."""
    folder = Path(tempfile.gettempdir()) / f"hilum-demo-samples-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():  # another user has made it
        return Path(tempfile.mkdtemp(prefix="hilum-demo-samples-"))
    return folder


def write_hl7_samples(folder: Path) -> list[Path]:
    """Write HL7_SAMPLES into *folder* with the control IDs ``DEMO-1``, ``DEMO-2``, …; return the files in order."""
    paths = [folder / sample.title for sample in HL7_SAMPLES]
    for number, (path, sample) in enumerate(zip(paths, HL7_SAMPLES, strict=True), start=1):
        path.write_bytes(sample.payload(f"DEMO-{number}"))
    return paths


def write_dicom_samples(folder: Path) -> list[Path]:
    """Copy those of DICOM_NAMES that the installed pydicom has into *folder*; nothing is downloaded."""
    found = (get_testdata_file(name, download=False) for name in DICOM_NAMES)
    return [Path(shutil.copy(str(path), folder)) for path in found if path is not None]
