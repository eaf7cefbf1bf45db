"""Rolling back by kind of change."""

from pathlib import Path

import pytest

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.fhir.managing.rollback import rollback
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.google_error import ApiError
from tests.gateway.sandbox.fhir.fhir_client import patient

KINDS = {"CREATE": ["created"], "UPDATE": ["changed"], "DELETE": ["deleted"]}


@pytest.mark.parametrize(("kind", "names"), KINDS.items())
def test_kind(session: Session, tmp_path: Path, kind: str, names: list[str]) -> None:
    """Only changes of the kind are undone."""
    session.update(patient("changed"), "changed")
    last = session.update(patient("deleted"), "deleted")
    session.update(patient("changed", active=True), "changed")
    session.delete("Patient", "deleted")
    session.update(patient("created"), "created")
    asked = {"rollbackTime": last.updated, "resultGcsBucket": "data", "changeType": kind}
    rollback(session, Buckets(tmp_path), asked)
    lines = (tmp_path / "data" / "rollback.txt").read_text().split()
    assert [f"Patient/{name}" for name in names] == lines


def test_not_supported(session: Session, tmp_path: Path) -> None:
    """Filters are a 501."""
    with pytest.raises(ApiError) as raised:
        rollback(session, Buckets(tmp_path), {"filteringFields": {"metadataFilter": "x"}})
    assert raised.value.status == 501
