"""DICOM files for tests, and what stays the same of a file on its way: its data set."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID, CTImageStorage, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, generate_uid

DEFLATED = str(DeflatedExplicitVRLittleEndian)


def data_set(part10: bytes) -> bytes:
    """Return what follows group 0002 of a Part 10 file, byte for byte (PS3.10 7.1)."""
    assert part10[128:132] == b"DICM"
    length = struct.unpack_from("<I", part10, 140)[0]  # (0002,0000) UL comes first
    return part10[144 + length :]


def shipped(name: str) -> Path:
    """Return a test file that the pydicom wheel carries."""
    found = get_testdata_file(name, download=False)
    assert found is not None, name
    return Path(str(found))


def make_instance(folder: Path, number: int, study: str, series: str, *, rows: int = 64, columns: int = 64) -> Path:
    """Write a CT instance of *rows* by *columns* 16-bit pixels and return its file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    instance = Dataset()
    instance.file_meta = meta
    instance.SOPClassUID = CTImageStorage
    instance.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    instance.StudyInstanceUID = study
    instance.SeriesInstanceUID = series
    instance.PatientID = "TEST"
    instance.PatientName = "TEST^NOBODY"
    instance.Modality = "CT"
    instance.InstanceNumber = number
    instance.Rows, instance.Columns = rows, columns
    instance.BitsAllocated = instance.BitsStored = 16
    instance.HighBit, instance.PixelRepresentation, instance.SamplesPerPixel = 15, 0, 1
    instance.PhotometricInterpretation = "MONOCHROME2"
    instance.PixelData = struct.pack("<H", number & 0xFFFF) * (rows * columns)
    path = folder / f"{number:04}.dcm"
    instance.save_as(path, enforce_file_format=True)
    return path


def make_multi_frame(path: Path, size: int) -> None:
    """Write an instance whose pixel data has *size* octets, without holding them in memory (nor, as holes, on disk)."""
    make_instance(path.parent, 1, generate_uid(), generate_uid(), rows=1, columns=1).rename(path)
    whole = path.read_bytes()
    start = whole.index(struct.pack("<HH", 0x7FE0, 0x0010))
    with path.open("wb") as file:
        file.write(whole[:start] + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, size))
        file.truncate(start + 12 + size)


def make_deflated(path: Path, tail: bytes) -> None:
    """Write a deflated instance 1.2.3 whose data set ends in *tail*, elements in Explicit VR Little Endian."""
    whole = make_instance(path.parent, 1, "1.1", "1.2", rows=1, columns=1)
    instance = dcmread(whole)
    whole.unlink()
    instance.SOPInstanceUID = instance.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    del instance.PixelData
    plain = BytesIO()
    instance.save_as(plain, enforce_file_format=True)
    instance.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)  # PS3.5 A.5
    meta = DicomBytesIO()
    write_file_meta_info(meta, instance.file_meta)
    deflated = deflater.compress(data_set(plain.getvalue()) + tail) + deflater.flush()
    path.write_bytes(bytes(128) + b"DICM" + meta.getvalue() + deflated)


def make_series(folder: Path, count: int, *, rows: int = 64, columns: int = 64) -> list[Path]:
    """Write a series of *count* instances into *folder*."""
    study, series = generate_uid(), generate_uid()
    return [make_instance(folder, each, study, series, rows=rows, columns=columns) for each in range(1, count + 1)]


def sop_instance_uid(part10: bytes) -> str:
    """Return the SOP Instance UID of a Part 10 file."""
    return str(dcmread(BytesIO(part10), stop_before_pixels=True, force=True).SOPInstanceUID)
