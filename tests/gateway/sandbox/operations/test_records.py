"""Operations that clients poll."""

import sqlite3

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import Caller
from gateway.sandbox.operations import records as operations
from gateway.sandbox.operations.records import Finished


def test_life(connection: sqlite3.Connection) -> None:
    """An operation is answered as begun, is found as done, and can be forgotten."""
    begun = operations.record(connection, Caller("d", "http://h/v1"), Finished("fhir.X.ImportResources", 2, 1), "now")
    identifier = begun["name"].rpartition("/")[2]
    done = operations.get(connection, "d", identifier)
    assert (done["metadata"]["counter"], done["done"]) == ({"success": "2", "failure": "1"}, True)
    assert [done] == operations.find_all(connection, "d")
    operations.delete(connection, "d", identifier)
    with pytest.raises(ApiError):
        operations.get(connection, "d", identifier)
