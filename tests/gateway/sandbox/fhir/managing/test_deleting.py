"""Deleting many resources."""

from pathlib import Path

import pytest

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.fhir.managing.deleting import bulk_delete
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.google_error import ApiError
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_history_only(session: Session, tmp_path: Path) -> None:
    """The current version stays."""
    session.update(patient("p"), "p")
    held = session.update(patient("p"), "p")
    done = bulk_delete(session, Buckets(tmp_path), {"versionConfig": "HISTORY_ONLY"})
    assert (done.success, done.secondary_success) == (0, 1)
    assert session.versions(session.read("Patient", "p")) == [held]


def test_until(session: Session, tmp_path: Path) -> None:
    """Later changes stay."""
    first = session.update(patient("p"), "p")
    session.update(patient("q"), "q")
    assert bulk_delete(session, Buckets(tmp_path), {"until": first.updated}).success == 1


def test_list_alone(session: Session, tmp_path: Path) -> None:
    """A list cannot be combined with a filter."""
    with pytest.raises(ApiError):
        bulk_delete(session, Buckets(tmp_path), {"gcsSource": {"uri": "gs://data/x"}, "type": "Patient"})
