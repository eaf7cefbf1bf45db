"""Files of other projects, and the identifiers that their headers name, as pydicom reads them."""

import re
import warnings
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pydicom
from pydicom import dcmread
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset

from tests.adapters.deidentify.judge.scanner import Answers

CORPUS = Path(__file__).parents[5] / "shared" / "corpus" / "dicom"
SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
NUMBERS = ("PatientID", "AccessionNumber", "OtherPatientIDs", "PatientTelephoneNumbers", "PatientAddress",
           "AdmissionID", "MedicalRecordLocator")  # fmt: skip


@cache
def files() -> dict[str, Path]:
    """Return each file by a name of its own."""
    found = {f"pydicom-{path.name}": path for path in sorted(SHIPPED.glob("*.dcm"))}
    if CORPUS.is_dir():
        found |= {f"{path.parent.name}-{path.name}": path for path in sorted(CORPUS.rglob("*.dcm"))}
    return found


DUMMY = date(1900, 1, 1)
"""A date that says nothing."""


def answers(data_set: Dataset) -> Answers:
    """Return the key of a file: each name, number, date and UID of its header, at every depth."""
    key = Answers()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for each in data_set.iterall():
            if each.tag.is_private:
                continue
            values = each.value if each.VM > 1 else [each.value]
            for value in values if each.VM else ():
                text = str(value).strip("\0 ")
                if each.VR == "PN":
                    key.names |= set(text.split("="))
                elif each.VR in {"DA", "DT"} and (day := _day(text)):
                    key.dates.add(day)
                elif each.VR == "UI" and text not in UID_dictionary and each.keyword.endswith("InstanceUID"):
                    key.uids.add(text)
                elif each.keyword in NUMBERS:
                    key.numbers.add(text)
    key.uids = {each for each in key.uids if len(each) > 8}
    return key


def without_moved(key: Answers, days: int) -> Answers:
    """Return the key without dates that are another date of the object after its dates were moved."""
    moved = {date.fromordinal(max(1, each.toordinal() + days)) for each in key.dates}
    return Answers(key.names, key.numbers, key.dates - moved, key.uids)


def read(path: Path) -> Dataset | None:
    """Return what pydicom makes of a file, None if it makes nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return dcmread(path, force=True)
        except Exception:  # noqa: BLE001  the files are odd
            return None


def shifts(before: Dataset, after: Dataset) -> Iterator[int]:
    """Yield by how many days dates of both were moved; one that must have a value, and may not stay, is DUMMY."""
    for each in ("StudyDate", "SeriesDate", "ContentDate", "AcquisitionDate"):
        old, new = _day(str(before.get(each, ""))), _day(str(after.get(each, "")))
        if old and new and new != DUMMY:
            yield (new - old).days


def _day(text: str) -> date | None:
    found = re.match(r"(\d{4})\.?(\d\d)\.?(\d\d)", text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
