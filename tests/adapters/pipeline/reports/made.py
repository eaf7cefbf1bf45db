"""Rows of reports, as reading makes them, for the tests of what comes after."""

from typing import Any

from adapters.pipeline.contract import Row


def report(name: str, accession: str = "A1", **more: Any) -> Row:
    """Return the row of a report; each *name* is another report, and by default it stands behind those before it."""
    return {
        "hospital": "north",
        "report_id": name,
        "object": "a.csv",
        "version": "1",
        "modified": "2021-03-05T00:00:00Z",
        "row": int(name[1:] or 0),
        "accession": accession,
        "study": "",
        "patient": "",
        "status": "",
        "report_date": None,
        "report_time": None,
        "text": name,
        **more,
    }
