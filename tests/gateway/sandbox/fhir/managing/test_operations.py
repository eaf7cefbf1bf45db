"""Operations that clients poll."""

import sqlite3

import pytest

from gateway.sandbox.fhir.managing import operations
from gateway.sandbox.fhir.managing.operations import Finished
from gateway.sandbox.google_error import ApiError


def test_life(connection: sqlite3.Connection) -> None:
    """An operation is answered as begun, is found as done, and can be forgotten."""
    begun = operations.record(connection, "d", Finished("ImportResources", 2, 1), "now")
    identifier = begun["name"].rpartition("/")[2]
    done = operations.get(connection, "d", identifier)
    assert (done["metadata"]["counter"], done["done"]) == ({"success": "2", "failure": "1"}, True)
    assert [done] == operations.find_all(connection, "d")
    operations.delete(connection, "d", identifier)
    with pytest.raises(ApiError):
        operations.get(connection, "d", identifier)
