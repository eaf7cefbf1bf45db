"""``:getFHIRStoreMetrics``: how many resources of each type there are, and how much room they take."""

from typing import Any

from gateway.sandbox.fhir.session import Session


def metrics(session: Session) -> list[dict[str, Any]]:
    """Return the counts and sizes by type; 64-bit numbers are strings, as in all of Google's JSON."""
    rows = session.connection.execute(
        "SELECT type, SUM(deleted = 0) AS count, SUM(LENGTH(body)) AS bytes, COALESCE(SUM((SELECT SUM(LENGTH(v.body))"
        " FROM fhir_versions v WHERE v.rid = r.rid)), 0) AS earlier FROM fhir_resources r WHERE store = ?"
        " GROUP BY type ORDER BY type",
        (session.store,),
    )
    return [
        {
            "resourceType": row["type"],
            "count": str(row["count"]),
            "structuredStorageSizeBytes": str(row["bytes"]),
            "versionedStorageSizeBytes": str(row["bytes"] + row["earlier"]),
        }
        for row in rows
    ]
