"""Rows of FHIR resources."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.tables.columns import Column
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.fhir.rows import SHAPE, NoRowError, deletion_of, entries, row_of
from tests.adapters.tables.shapes import duckdb

NOW = "2026-01-31T12:00:00Z"
CONTAINED = {"resourceType": "Organization", "id": "o"}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "meta": {"versionId": "3", "lastUpdated": "2026-01-31T10:00:00Z"},
    "active": True,
    "birthDate": "1980",
    "deceasedBoolean": False,
    "name": [{"family": "Meier", "given": ["Anna", "Eva"]}, {"text": "A. M."}],
    "contained": [CONTAINED],
    "managingOrganization": {"reference": "Organization/7"},
    "extension": [
        {
            "url": "http://x/race",
            "extension": [{"url": "text", "valueString": "a"}, {"url": "text", "valueString": "b"}],
        },
        {"url": "http://x/race", "extension": [{"url": "code", "valueCoding": {"code": "c"}}]},
    ],
}
assert duckdb


def test_row() -> None:
    """Elements are columns, choices are records by datatype, extensions are repeated by their name."""
    made = row_of(PATIENT, NOW)
    assert ("p1", "1980", {"boolean": False}) == tuple(made.row[name] for name in ("id", "birthDate", "deceased"))
    assert [{"family": "Meier", "given": ["Anna", "Eva"]}, {"text": "A. M."}] == made.row["name"]
    assert {"reference": "Organization/7", "organizationId": "7"} == made.row["managingOrganization"]
    assert [CONTAINED] == [json.loads(each) for each in made.row["contained"]]
    text = [{"value": {"string": "a"}}, {"value": {"string": "b"}}]
    assert [{"text": text}, {"code": [{"value": {"coding": {"code": "c"}}}]}] == made.row["race"]
    assert [] == made.row["DroppedFields"]
    assert Column("active", "BOOLEAN") in made.columns


@pytest.mark.parametrize(
    ("more", "dropped"),
    [
        ({"colour": "red"}, "Patient.colour"),
        ({"active": "yes"}, "Patient.active"),
        ({"name": {"family": "x"}}, "Patient.name"),
        ({"_birthDate": {"id": "x"}}, "Patient._birthDate"),
        ({"photo": ["x"]}, "Patient.photo"),
        ({"extension": [{"url": "http://x/active", "valueBoolean": True}]}, "Patient.extension"),
        ({"extension": ["x"]}, "Patient.extension"),
    ],
)
def test_dropped(more: dict[str, Any], dropped: str) -> None:
    """What R4 does not have, or has otherwise, is left out and named."""
    made = row_of({"resourceType": "Patient", "id": "p", "gender": "female", **more}, NOW)
    assert ([dropped], "female") == (made.row["DroppedFields"], made.row["gender"])


def test_depth() -> None:
    """What contains itself is cut off at the depth."""
    item: dict[str, Any] = {"linkId": "3"}
    for number in (2, 1):
        item = {"linkId": str(number), "item": [item]}
    resource = {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "item": [item]}
    assert row_of(resource, NOW, depth=2).row["DroppedFields"]
    assert [] == row_of(resource, NOW, depth=5).row["DroppedFields"]


@pytest.mark.parametrize("resource", [{"resourceType": "Patient"}, {"id": "1"}, {"resourceType": "Nobody", "id": "1"}])
def test_no_row(resource: dict[str, Any]) -> None:
    """A resource without an ID, or of an unknown type, is no row."""
    with pytest.raises(NoRowError):
        row_of(resource, NOW)


def test_entries() -> None:
    """A transaction says what is so from now on; what it only names is left out."""
    bundle = {
        "entry": [
            {
                "fullUrl": "urn:uuid:u1",
                "resource": {"resourceType": "Patient"},
                "request": {"method": "PUT", "url": "Patient?x"},
            },
            {
                "resource": {"resourceType": "Patient"},
                "request": {"method": "POST", "url": "Patient", "ifNoneExist": "x"},
            },
            {"request": {"method": "DELETE", "url": "Patient/7"}},
            {"request": {"method": "DELETE", "url": "Patient?identifier=7"}},
            {"resource": {}, "request": {"method": "PATCH", "url": "Patient/7"}},
        ]
    }
    assert [("PUT", "u1", {"resourceType": "Patient"}), ("DELETE", "Patient/7", None)] == list(entries(bundle))
    assert "u1" == row_of({"resourceType": "Patient"}, NOW, known_as="u1").row["id"]


def test_in_a_table(tmp_path: Path) -> None:
    """Versions follow each other, the last one is true; a deletion hides the resource."""
    tables = Tables(tmp_path)
    tables.create("Patient", SHAPE)
    with tables.writer("Patient") as table:
        for resource, day in ((PATIENT, 1), (PATIENT | {"active": False}, 2), (PATIENT | {"id": "p2"}, 1)):
            made = row_of(resource, f"2026-02-0{day}T00:00:00Z")
            table.append([made.row], made.columns)
        table.append([deletion_of("p2", "2026-02-03T00:00:00Z")])
    engine = Engine({"main": tables})
    assert [("p1", False, "a")] == engine.query("SELECT id, active, race[1].text[1].value.string FROM Patient").rows
    assert [(4,)] == engine.query("SELECT count(*) FROM Patient_rows").rows
