"""Rows of HL7v2 messages."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.hl7v2.rows import SHAPE, row_of
from tests.adapters.tables.shapes import duckdb

ADT = (
    b"MSH|^~\\&|EPIC|NORTH|HILUM|LAKE|20260131102030||ADT^A01|C1|P|2.5.1\r"
    b"PID|1||P1^^^NORTH^MR~P2^^^SOUTH^PI||Meier^Anna||19800229|F||||||||||ACC1\r"
    b"PV1|1|I|W1^R2^B3^NORTH|E|||D7^House|||CAR|||||||||V9" + b"|" * 25 + b"20260131100000+0100|2026\r"
)
NOW = "2026-01-31T12:00:00Z"
assert duckdb


def test_row() -> None:
    """Header, patient and visit are records; every field is there as it was written."""
    row = row_of(ADT, NOW)
    assert ("C1", "ADT", "A01", "NORTH", "2026-01-31T10:20:30+00:00") == tuple(
        row[name] for name in ("ControlID", "MessageType", "TriggerEvent", "SendFacility", "SendTime")
    )
    assert [("P1", "NORTH", "MR"), ("P2", "SOUTH", "PI")] == [tuple(each.values()) for each in row["PatientIDs"]]
    assert ("Meier", "Anna", "1980-02-29", "F", "ACC1") == tuple(
        row["PID"][name] for name in ("FamilyName", "GivenName", "BirthDate", "Sex", "AccountNumber")
    )
    assert ("I", "W1", "R2", "B3", "D7", "House", "CAR", "V9", "2026-01-31T09:00:00+00:00") == tuple(
        row["PV1"][name]
        for name in (
            "PatientClass",
            "PointOfCare",
            "Room",
            "Bed",
            "AttendingDoctorID",
            "AttendingDoctorFamilyName",
            "HospitalService",
            "VisitNumber",
            "AdmitDateTime",
        )
    )
    assert ["MSH", "PID", "PV1"] == row["Segments"]
    assert "P1^^^NORTH^MR~P2^^^SOUTH^PI" == row["Fields"]["PID"][0]["3"]


def test_dropped() -> None:
    """A value that does not fit its column is named, and is in Fields."""
    row = row_of(ADT, NOW)
    assert (["PV1-45"], None, "2026") == (
        row["DroppedFields"],
        row["PV1"]["DischargeDateTime"],
        row["Fields"]["PV1"][0]["45"],
    )
    assert ["PID-7"] == row_of(b"MSH|^~\\&|A\rPID|||||||19800230\r", NOW)["DroppedFields"]


def test_zone() -> None:
    """A time without a zone is in the zone of the table; in summer it is another one."""
    berlin = ZoneInfo("Europe/Berlin")
    assert "2026-07-31T08:00:00+00:00" == row_of(b"MSH|^~\\&|A||||2026073110||ADT\r", NOW, zone=berlin)["SendTime"]


def test_without_patient() -> None:
    """A message without patient and visit has neither."""
    row = row_of(b"MSH|^~\\&|A||||||ACK|1\r", NOW)
    assert (None, None, []) == (row["PID"], row["PV1"], row["PatientIDs"])


@pytest.mark.parametrize("times", [1, 2])
def test_in_a_table(tmp_path: Path, times: int) -> None:
    """A message that comes again is one message; every row is kept."""
    tables = Tables(tmp_path)
    tables.create("t", SHAPE)
    with tables.writer("t") as table:
        for _ in range(times):
            table.append([row_of(ADT, NOW)])
    engine = Engine({"main": tables})
    assert [("P2", 1)] == engine.query("SELECT PatientIDs[2].ID, count(*) FROM t GROUP BY 1").rows
    assert [(times,)] == engine.query("SELECT count(*) FROM t_rows").rows
    assert [("HILUM",)] == engine.query("SELECT DISTINCT Fields->'MSH'->0->>'5' FROM t").rows
