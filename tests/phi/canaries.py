"""Messages in which every identifying field is a word that occurs nowhere else."""

import json
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

CANARY = "ZQX"
"""What every planted word begins with; nothing that the process says by itself holds it."""
BIRTH_DATE = "1947-08-11"
"""Of the patients of FHIR."""
TEXTS = (
    "PatientName", "PatientID", "IssuerOfPatientID", "OtherPatientNames", "PatientBirthName", "PatientAddress",
    "PatientMotherBirthName", "PatientTelephoneNumbers", "PatientInsurancePlanCodeSequence", "EthnicGroup",
    "Occupation", "PatientComments", "AccessionNumber", "ReferringPhysicianName", "PerformingPhysicianName",
    "PhysiciansOfRecord", "OperatorsName", "RequestingPhysician", "StudyID", "InstitutionAddress",
)  # fmt: skip
"""Elements that get a canary, those of group 0010 among them."""


def canary_adt(control_id: str, *, header: bool = True) -> bytes:
    """Return an ADT^A01 all of whose PID, NK1, GT1, IN1 and PV1 fields are canaries; without its *header* if wanted."""
    segments = [
        f"MSH|^~\\&|TEST|WARD|HILUM|CLOUD|20260102030405||ADT^A01^ADT_A01|{control_id}|P|2.5.1",
        "EVN||20260102030405",
        *(_segment(name, count) for name, count in (("PID", 39), ("NK1", 37), ("PV1", 52), ("GT1", 57), ("IN1", 53))),
    ]
    return "\r".join(segments[0 if header else 1 :]).encode() + b"\r"


def _segment(name: str, count: int) -> str:
    fields = [
        f"{CANARY}{name}{number}A^{CANARY}{name}{number}B&{CANARY}{name}{number}C" for number in range(1, count + 1)
    ]
    return "|".join((name, *fields))


def canary_of(name: str) -> str:
    """Return the word of the element *name*: short enough for every value representation."""
    return f"{CANARY}{TEXTS.index(name)}{name}"[:16]


def canary_instance(uid: str, study: str, syntax: UID = ExplicitVRLittleEndian) -> bytes:
    """Return a CT instance whose identifying texts are canaries."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = syntax
    data_set = Dataset()
    data_set.file_meta = meta
    data_set.SOPClassUID, data_set.SOPInstanceUID = CTImageStorage, uid
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = study, f"{study}.1"
    data_set.Modality, data_set.PatientBirthDate = "CT", "19470811"
    for name in TEXTS:
        if not name.endswith("Sequence"):
            setattr(data_set, name, canary_of(name))
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()


def canary_patient(own_id: str = "") -> dict[str, Any]:
    """Return a Patient of FHIR R4 whose texts are canaries, the ID among them if it has one of its own."""

    def name(place: str) -> dict[str, Any]:
        text = f"{CANARY}{place}"
        return {
            "text": f"{text}TEXT",
            "family": f"{text}FAMILY",
            "given": [f"{text}GIVEN"],
            "prefix": [f"{text}PREFIX"],
        }

    def address(place: str) -> dict[str, Any]:
        text = f"{CANARY}{place}"
        return {"text": f"{text}WHOLE", "line": [f"{text}LINE"], "city": f"{text}CITY", "postalCode": f"{text}ZIP"}

    return {
        "resourceType": "Patient",
        **({"id": own_id} if own_id else {}),
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{CANARY}DIV</div>'},
        "extension": [{"url": "http://ward.example/word", "valueString": f"{CANARY}EXTENSION"}],
        "identifier": [{"system": "urn:oid:1.2.3", "value": f"{CANARY}NUMBER{own_id}"}],
        "name": [name("OWN")],
        "telecom": [{"system": "phone", "value": f"{CANARY}PHONE"}],
        "gender": "female",
        "birthDate": BIRTH_DATE,
        "address": [address("HOME")],
        "contact": [{"name": name("CONTACT"), "address": address("CONTACT")}],
        "generalPractitioner": [{"display": f"{CANARY}DOCTOR"}],
    }


def canary_json(own_id: str = "") -> bytes:
    """Return the octets of a :func:`canary_patient`."""
    return json.dumps(canary_patient(own_id)).encode()
