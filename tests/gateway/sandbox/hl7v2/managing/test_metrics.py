"""Metrics of messages."""

import sqlite3

from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.hl7v2.managing.metrics import metrics
from tests.gateway.sandbox.hl7v2.managing.support import message


def test_by_type(connection: sqlite3.Connection) -> None:
    """Each type has its count and size, of this store only."""
    for number, kind in enumerate(("ORU^R01", "ADT^A01", "ADT^A08")):
        hl7v2_store.add(connection, "s", message(number, kind), {})
    hl7v2_store.add(connection, "t", message(9), {})
    size = str(len(message(0)))
    assert metrics(connection, "s") == [
        {"messageType": "ADT", "count": "2", "structuredStorageSizeBytes": str(2 * int(size))},
        {"messageType": "ORU", "count": "1", "structuredStorageSizeBytes": size},
    ]
    assert metrics(connection, "none") == []
