"""Exporting to files."""

from pathlib import Path

import pytest

from gateway.sandbox.fhir.managing.buckets import Buckets
from gateway.sandbox.fhir.managing.exporting import export_resources, read_time
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.google_error import ApiError
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_since(session: Session, tmp_path: Path) -> None:
    """Only later changes are exported, and no deleted resource."""
    first = session.update(patient("p"), "p")
    session.update(patient("q"), "q")
    session.update(patient("r"), "r")
    session.delete("Patient", "r")
    assert export_resources(session, Buckets(tmp_path), "gs://data", {"_since": first.updated}).success == 1


def test_time() -> None:
    """What is not a time is a 400."""
    for text in ("x", 5, ""):
        with pytest.raises(ApiError):
            read_time(text)
