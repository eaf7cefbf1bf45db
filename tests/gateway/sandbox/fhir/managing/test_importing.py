"""Importing files."""

import json
from pathlib import Path

from gateway.sandbox.buckets.folders import Object
from gateway.sandbox.fhir.managing.importing import Document, documents, import_documents
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient

STRUCTURE = "RESOURCE_PRETTY"


def test_no_versions(session: Session, tmp_path: Path) -> None:
    """An imported resource replaces the one that is there, without an earlier version and without a notification."""
    session.update(patient("p", active=True), "p")
    session.changes.clear()
    (tmp_path / "a").write_text('{\n "resourceType": "Patient",\n "id": "p"\n}')
    done = import_documents(session, list(documents([Object("gs://b/a", tmp_path / "a")], STRUCTURE)), STRUCTURE)
    held = session.read("Patient", "p")
    assert (done.success, session.changes, session.versions(held)) == (1, [], [held])


def test_what_failed(session: Session) -> None:
    """Of a bundle the good resources are stored; each other one is named with its place, and without its content."""
    bundle = {"resourceType": "Bundle", "type": "collection"}
    entries = [{"resource": each} for each in (patient("p"), patient(), {"resourceType": "Quagmire"})]
    found = [
        Document("gs://b/a:1", json.dumps({**bundle, "entry": entries}).encode()),
        Document("gs://b/a:2", b"{"),
        Document("gs://b/a:3", json.dumps(patient("q")).encode()),
        Document("gs://b/a:4", json.dumps({**bundle, "type": "history"}).encode()),
        Document("gs://b/a:5", json.dumps({**bundle, "entry": 5}).encode()),
    ]
    done = import_documents(session, found, "BUNDLE")
    assert done.success == 1
    assert [place for place, _ in done.failed] == [
        "gs://b/a:1 entry[1]",
        "gs://b/a:1 entry[2]",
        "gs://b/a:2",
        "gs://b/a:3",
        "gs://b/a:4",
        "gs://b/a:5",
    ]
    assert "Quagmire" not in str(done.failed)
