"""Messages of each format become rows, or are refused with a reason."""

import json
from typing import Any

import pytest

from adapters.tables.making import NotARowError, Rows, rows_of
from adapters.tables.settings import TableSettings
from gateway.contract.fhir import Interaction
from gateway.contract.message import Message
from tests.adapters.tables.messages import ADT, dicom, instance, message
from tests.adapters.tables.shapes import duckdb

NOW = "2026-01-31T00:00:00Z"
SETTINGS = TableSettings(kind="table", table="t")
assert duckdb


async def made(given: Message) -> list[Rows]:
    """Return the rows of a message."""
    return await rows_of(given, SETTINGS, NOW)


def resource(**more: Any) -> bytes:
    """Return a patient."""
    return json.dumps({"resourceType": "Patient", **more}).encode()


async def test_formats() -> None:
    """Each format has its table and its sort of rows."""
    (one,), (two,), (three,) = [
        await made(each) for each in (dicom(instance()), message(ADT), message(resource(id="7")))
    ]
    assert [("t", "dicom/nested"), ("t", "hl7v2"), ("t_Patient", "fhir")] == [
        (x.table, x.what) for x in (one, two, three)
    ]
    assert ("P1", "C1", "7") == (one.rows[0]["PatientID"], two.rows[0]["ControlID"], three.rows[0]["id"])
    assert len(instance()) == one.rows[0]["BlobStorageSize"]


async def test_transaction() -> None:
    """Each resource of a transaction is a row of the table of its type."""
    entries = [
        {
            "fullUrl": "urn:uuid:u",
            "resource": {"resourceType": "Patient"},
            "request": {"method": "PUT", "url": "Patient?i=1"},
        },
        {"request": {"method": "DELETE", "url": "Encounter/9"}},
    ]
    bundle = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()
    assert [("t_Patient", "u", "INSERT"), ("t_Encounter", "9", "DELETE")] == [
        (each.table, each.rows[0]["id"], each.rows[0]["RowType"]) for each in await made(message(bundle))
    ]


async def test_deletion() -> None:
    """A deletion is a row."""
    (found,) = await made(message(b"", interaction=Interaction("DELETE", "Patient/7")))
    assert ("t_Patient", "7", "DELETE") == (found.table, found.rows[0]["id"], found.rows[0]["RowType"])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (dicom(b"SECRET" * 100), "does not begin like a DICOM file"),
        (dicom(instance()[:-1]), "the instance is no row of a table"),
        (message(b"SECRET"), "does not begin with an MSH segment"),
        (message(b"{SECRET"), "the resource is no JSON"),
        (message(resource(name="SECRET")), "has no id"),
        (message(b"[]", {"resource_type": "Patient"}), "no JSON object"),
        (message(b"", interaction=Interaction("DELETE", "Patient?name=SECRET")), "by a condition"),
        (message(b"[]", interaction=Interaction("PATCH", "Patient/7")), "has no whole resource"),
    ],
)
async def test_refused(given: Message, reason: str) -> None:
    """What can be no row is refused, and nothing of it is told."""
    with pytest.raises(NotARowError, match=reason) as caught:
        await made(given)
    assert "SECRET" not in str(caught.value)
