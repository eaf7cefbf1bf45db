"""``:getHL7v2StoreMetrics``: how many messages of each type there are, and how much room they take."""

import sqlite3


def metrics(connection: sqlite3.Connection, store: str) -> list[dict[str, str]]:
    """Return the counts and sizes by message type; 64-bit numbers are strings, as in all of Google's JSON."""
    rows = connection.execute(
        "SELECT message_type, COUNT(*) AS count, SUM(LENGTH(data)) AS bytes FROM messages WHERE store = ?"
        " GROUP BY message_type ORDER BY message_type",
        (store,),
    )
    return [
        {
            "messageType": row["message_type"],
            "count": str(row["count"]),
            "structuredStorageSizeBytes": str(row["bytes"]),
        }
        for row in rows
    ]
