"""Makes objects with identifiers planted into them, and the key to what must become of each; the same for a seed."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.adapters.deidentify.judge.planting import Planted, Subject, name, plant
from tests.dicom_files import shipped

BASES = ("CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "JPEG2000.dcm", "rtplan.dcm",
         "rtdose.dcm", "liver_1frame.dcm", "reportsi.dcm", "rtstruct.dcm",
         "MR_small_implicit.dcm")  # fmt: skip
"""Files that the wheel of pydicom has, so that the key is the same everywhere."""
PRESENT = ("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientBirthDate",
           "PatientSex", "StudyID", "PixelData")  # fmt: skip
"""Attributes that must be there, and may be empty: type 2 of any image."""
FILLED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "PatientID")
SAME = ("Modality", "SOPClassUID", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
        "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "PixelSpacing", "SliceThickness",
        "ImageOrientationPatient", "ImagePositionPatient", "SliceLocation", "RescaleSlope", "RescaleIntercept",
        "RescaleType", "WindowCenter", "WindowWidth", "XRayTubeCurrent", "ExposureTime", "ScanningSequence",
        "SequenceVariant", "RepetitionTime", "EchoTime", "InversionTime", "MagneticFieldStrength", "FlipAngle",
        "ConvolutionKernel", "GantryDetectorTilt", "DoseUnits", "DoseType", "DoseGridScaling", "Laterality",
        "PatientPosition", "SeriesDescription", "StudyDescription")  # fmt: skip
"""Attributes that research needs; none of them names anybody."""
CLEAN = ("AX T1 POST CONTRAST", "CHEST PA", "Abdomen nativ", "T2 FLAIR 3mm", "Lung window")
FOREIGN = ("Wolkenstein", "Trautmannsdorff", "Eichendorff")
"""People whom no header names as the patient."""
OF_OTHERS = ("OperatorsName", "ReferringPhysicianName", "PerformingPhysicianName", "EvaluatorName", "OtherPatientNames",
             "PersonAddress", "ResponsiblePerson", "RequestingPhysician")  # fmt: skip
"""Attributes that the profile removes or empties, whoever is named there."""


SHORTEST_UID = 12
"""What is made of a text with hardly any digits, where only a UID can be, names nobody."""


@dataclass
class Case:
    """One object, and what is known of it."""

    seed: int
    who: Subject
    file: bytes
    before: Dataset
    """The object as pydicom reads it again."""
    removed: list[tuple[str, bytes]] = field(default_factory=list)
    """Where something is planted, and its octets: they must be nowhere."""
    same: dict[str, str] = field(default_factory=dict)
    """Attributes whose value must stay, by keyword."""
    kept_name: bytes = b""
    """A name of somebody else in a text that stays, which no rule finds."""
    is_flagged: bool = False
    """Whether the object says that text is burned into its pixels."""


@cache
def people() -> list[Subject]:
    """Return the patients: each has several objects."""
    return [Subject(Random(number)) for number in range(1000, 1015)]


def case(seed: int, base: Path | None = None) -> Case:
    """Return the object of a seed, of one of the BASES or of *base*."""
    chance = Random(seed)
    who = chance.choice(people())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values that break their representation are the point
        data_set = dcmread(base or shipped(BASES[seed % len(BASES)]), force=True)
        name(data_set, who)
        _dates(data_set, who, chance)
        data_set.SeriesDescription, data_set.StudyDescription = chance.choice(CLEAN), chance.choice(CLEAN)
        clean = {each: str(data_set[each].value) for each in SAME if each in data_set}
        foreign, where = chance.choice(FOREIGN), chance.choice(OF_OTHERS)
        setattr(data_set, where, foreign)
        planted = [plant(data_set, who, chance) for _ in range(chance.randrange(1, 6))]
        other = chance.choice(FOREIGN)
        data_set.LUTExplanation = f"as of {other}"
        is_flagged = seed % 100 == 7 and "PixelData" in data_set
        if is_flagged:
            data_set.BurnedInAnnotation = "YES"
        buffer = BytesIO()
        data_set.save_as(buffer, enforce_file_format=True)
        file = buffer.getvalue()
        before = dcmread(BytesIO(file))
        same = {each: text for each, text in clean.items() if each in before and str(before[each].value) == text}
    removed = [(each.where, each.octets) for each in planted if len(each.octets) > SHORTEST_UID] + [
        (where, foreign.encode())
    ] * (foreign != other)
    kept = other.encode() if planted_is_away(planted) else b""
    return Case(seed, who, file, before, removed, same, kept, is_flagged)


def planted_is_away(planted: list[Planted]) -> bool:
    """Whether nothing is planted into the text in which the other name stands."""
    return not any("LUTExplanation" in each.where for each in planted)


def cases(count: int, first: int = 0) -> Iterator[Case]:
    """Yield *count* objects."""
    for seed in range(first, first + count):
        yield case(seed)


def _dates(data_set: Dataset, who: Subject, chance: Random) -> None:
    """Give the series, the acquisition and the content days of their own."""
    for keyword in ("SeriesDate", "AcquisitionDate", "ContentDate"):
        setattr(data_set, keyword, f"{who.study + timedelta(chance.randrange(90)):%Y%m%d}")
