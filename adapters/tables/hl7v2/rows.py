"""A row for each HL7v2 message: its header (MSH), its patient (PID), its visit (PV1).

The fields that people ask for have columns of their own; all fields of these segments are in ``Fields`` as they were
written, by the number of the field. A time without a zone is in that of the table.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from hashlib import sha256
from typing import Any

from adapters.tables.columns import Column
from adapters.tables.hl7v2.segments import Part, read
from adapters.tables.manifest import Shape

STAMP = re.compile(r"(\d{8})(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,6})\d*)?([+-]\d{4})?", re.ASCII)
PATIENT_ID = (Column("ID"), Column("Authority"), Column("Type"))
MSH = (
    Column("SendingApplication"),
    Column("SendingFacility"),
    Column("ReceivingApplication"),
    Column("ReceivingFacility"),
    Column("DateTime", "TIMESTAMP"),
    Column("MessageType"),
    Column("TriggerEvent"),
    Column("ControlID"),
    Column("ProcessingID"),
    Column("VersionID"),
)
PID = (
    Column("PatientIDs", "RECORD", "REPEATED", PATIENT_ID),
    Column("FamilyName"),
    Column("GivenName"),
    Column("BirthDate", "DATE"),
    Column("Sex"),
    Column("AccountNumber"),
)
PV1 = (
    Column("PatientClass"),
    Column("PointOfCare"),
    Column("Room"),
    Column("Bed"),
    Column("Facility"),
    Column("AdmissionType"),
    Column("AttendingDoctorID"),
    Column("AttendingDoctorFamilyName"),
    Column("HospitalService"),
    Column("VisitNumber"),
    Column("AdmitDateTime", "TIMESTAMP"),
    Column("DischargeDateTime", "TIMESTAMP"),
)
SHAPE = Shape(
    (
        Column("MessageDigest", description="SHA-256 of the octets: a message that is sent again is the same one"),
        Column("ControlID"),
        Column("MessageType"),
        Column("TriggerEvent"),
        Column("SendFacility"),
        Column("SendTime", "TIMESTAMP"),
        Column("PatientIDs", "RECORD", "REPEATED", PATIENT_ID),
        Column("MSH", "RECORD", fields=MSH),
        Column("PID", "RECORD", fields=PID),
        Column("PV1", "RECORD", fields=PV1),
        Column("Segments", "STRING", "REPEATED"),
        Column("Fields", "JSON"),
        Column("DroppedFields", "STRING", "REPEATED"),
        Column("LastUpdated", "TIMESTAMP"),
        Column("Type"),
    ),
    ("MessageDigest",),
    "LastUpdated",
    "Type",
)
TEXTS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "MSH": {
        "SendingApplication": (3, 1),
        "SendingFacility": (4, 1),
        "ReceivingApplication": (5, 1),
        "ReceivingFacility": (6, 1),
        "MessageType": (9, 1),
        "TriggerEvent": (9, 2),
        "ControlID": (10, 1),
        "ProcessingID": (11, 1),
        "VersionID": (12, 1),
    },
    "PID": {"FamilyName": (5, 1), "GivenName": (5, 2), "Sex": (8, 1), "AccountNumber": (18, 1)},
    "PV1": {
        "PatientClass": (2, 1),
        "PointOfCare": (3, 1),
        "Room": (3, 2),
        "Bed": (3, 3),
        "Facility": (3, 4),
        "AdmissionType": (4, 1),
        "AttendingDoctorID": (7, 1),
        "AttendingDoctorFamilyName": (7, 2),
        "HospitalService": (10, 1),
        "VisitNumber": (19, 1),
    },
}
"""Field and component of each column that is text."""
TIMES: Mapping[str, Mapping[str, int]] = {
    "MSH": {"DateTime": 7},
    "PV1": {"AdmitDateTime": 44, "DischargeDateTime": 45},
}


def row_of(octets: bytes, last_updated: str, *, charset: str | None = None, zone: tzinfo = UTC) -> dict[str, Any]:
    """Return the row of a message; raises NoMessageError."""
    message, dropped = read(octets, charset), list[str]()
    found = {name: _record(name, message.first(name), zone, dropped) for name in TEXTS}
    header = found["MSH"] or {}
    patients = [each for pid in message.all("PID") for each in _patient_ids(pid)]
    return {
        "MessageDigest": sha256(octets).hexdigest(),
        "ControlID": header.get("ControlID"),
        "MessageType": header.get("MessageType"),
        "TriggerEvent": header.get("TriggerEvent"),
        "SendFacility": header.get("SendingFacility"),
        "SendTime": header.get("DateTime"),
        "PatientIDs": patients,
        **found,
        "Segments": [each.name for each in message.parts],
        "Fields": {name: [_fields(each) for each in message.all(name)] for name in TEXTS},
        "DroppedFields": dropped,
        "LastUpdated": last_updated,
        "Type": "INSERT",
    }


def _record(name: str, part: Part | None, zone: tzinfo, dropped: list[str]) -> dict[str, Any] | None:
    if part is None:
        return None
    row: dict[str, Any] = {column: part.text(*place) for column, place in TEXTS[name].items()}
    for column, number in TIMES.get(name, {}).items():
        row[column] = _kept(_instant(part.text(number), zone), part, number, dropped)
    if name == "PID":
        row["PatientIDs"] = _patient_ids(part)
        row["BirthDate"] = _kept(_day(part.text(7)), part, 7, dropped)
    return row


def _kept(value: str | None, part: Part, number: int, dropped: list[str]) -> str | None:
    """Return *value*; name the field if it has one that does not fit its column."""
    if value is None and part.text(number) is not None:
        dropped.append(f"{part.name}-{number}")
    return value


def _patient_ids(part: Part) -> list[dict[str, str | None]]:
    found = [
        {"ID": part.text(3, 1, of=each), "Authority": part.text(3, 4, of=each), "Type": part.text(3, 5, of=each)}
        for each in part.repetitions(3)
    ]
    return [each for each in found if each["ID"]]


def _fields(part: Part) -> dict[str, str]:
    return {str(number): written for number, written in enumerate(part.fields, 1) if written}


def _day(stamp: str | None) -> str | None:
    if stamp is None or STAMP.fullmatch(stamp) is None:
        return None
    try:
        return date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8])).isoformat()
    except ValueError:
        return None


def _instant(stamp: str | None, zone: tzinfo) -> str | None:
    """Return the instant; a day without a time is its beginning. None for a year or a month alone."""
    found = STAMP.fullmatch(stamp) if stamp is not None else None
    if found is None:
        return None
    day, hours, minutes, seconds, fraction, own = found.groups()
    digits = f"{day}{hours or '00'}{minutes or '00'}{seconds or '00'}.{fraction or '0'}"
    try:
        instant = datetime.strptime(digits + (own or "+0000"), "%Y%m%d%H%M%S.%f%z")
        return (instant if own else instant.replace(tzinfo=zone)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None
