"""One data set in every uncompressed transfer syntax, written by pydicom."""

import struct
from io import BytesIO

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

UID_SENT = "1.2.3"
SYNTAXES = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}


def instance() -> Dataset:
    """Return a data set with numbers of every width, nested sequences, private elements and pixels."""
    data_set = Dataset()
    data_set.SOPClassUID, data_set.SOPInstanceUID = CTImageStorage, UID_SENT
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = "1.1", "1.2"
    data_set.PatientName, data_set.Modality = "TEST^NOBODY", "CT"
    data_set.Rows, data_set.Columns, data_set.BitsAllocated = 8, 8, 16
    data_set.FrameIncrementPointer = 0x00181063
    data_set.RealWorldValueMappingSequence = Sequence([Dataset(), Dataset()])
    data_set.RealWorldValueMappingSequence[0].RealWorldValueSlope = 1.5
    data_set.RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence = Sequence([Dataset()])
    data_set.RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "HU"
    data_set.ReferencedImageSequence = Sequence([])
    data_set.RecommendedDisplayFrameRateInFloat = 2.5
    data_set.add_new(0x00189073, "FD", 3.25)
    data_set.add_new(0x00660040, "OL", struct.pack("<3I", 1, 2, 70000))
    private = data_set.private_block(0x0029, "HILUM TEST", create=True)
    private.add_new(0x01, "LO", "private")
    private.add_new(0x02, "SQ", Sequence([Dataset()]))
    data_set[0x0029, 0x1002].value[0].PatientID = "TEST"
    data_set.PixelData = bytes(range(128))
    data_set["PixelData"].VR = "OW"
    return data_set


def encode(data_set: Dataset, syntax: UID, *, undefined: bool = False, padding: bool = False) -> bytes:
    """Return a Part 10 file; its sequences end with delimiters where they are of *undefined* length."""
    copy = Dataset.from_json(data_set.to_json())
    if padding:
        copy.add_new(0xFFFCFFFC, "OB", bytes(64))
    for element in copy.iterall():
        element.is_undefined_length = undefined and element.VR == "SQ"
        if element.VR == "SQ":
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
    if syntax == ExplicitVRBigEndian:
        copy["PixelData"].value = _swapped(copy.PixelData, 2)
        copy[0x00660040].value = _swapped(copy[0x00660040].value, 4)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, UID(UID_SENT)
    meta.TransferSyntaxUID = syntax
    copy.file_meta = meta
    file = BytesIO()
    copy.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _swapped(octets: bytes, width: int) -> bytes:
    return b"".join(octets[at : at + width][::-1] for at in range(0, len(octets), width))
