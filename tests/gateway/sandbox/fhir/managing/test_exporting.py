"""Exporting to files."""

import pytest

from gateway.sandbox.fhir.managing.exporting import Chosen, bodies, read_time, rows_by_type
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.google_error import ApiError
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_since(session: Session) -> None:
    """Only later changes are exported, and no deleted resource."""
    first = session.update(patient("p"), "p")
    session.update(patient("q"), "q")
    session.update(patient("r"), "r")
    session.delete("Patient", "r")
    chosen = Chosen.read({"_since": first.updated})
    assert {kind: len(rows) for kind, rows in rows_by_type(session, chosen).items()} == {"Patient": 1}


def test_bodies(session: Session) -> None:
    """Resources come in the order of the rows that are asked for, more than once if asked for so, and none deleted."""
    first, second, gone = [session.update(patient(name), name) for name in "pqr"]
    session.delete("Patient", "r")
    rows = [second.rid, gone.rid, first.rid, second.rid]
    assert bodies(session.connection, rows) == [second.body, first.body, second.body]


def test_time() -> None:
    """What is not a time is a 400."""
    for text in ("x", 5, ""):
        with pytest.raises(ApiError):
            read_time(text)
