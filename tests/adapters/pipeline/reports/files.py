"""CSV files of a hospital for the tests of their reading."""

import io
from typing import Any

from adapters.pipeline.contract import Dead, Reference, Row
from adapters.pipeline.reports.reading import read_reports
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat

REFERENCE = Reference("north", "reports/march.csv", "v1", 100, "2021-03-05T10:00:00Z")
COLUMNS = ReportColumns(accession="ACC_NO", date="REPORT_DATE", text="REPORT")
HEAD = "ACC_NO,REPORT_DATE,REPORT\r\n"


def read(
    content: bytes | str, columns: ReportColumns = COLUMNS, reference: Reference = REFERENCE, **form: Any
) -> tuple[list[Row], list[str]]:
    """Return the rows of a file, and the reasons of its dead letters."""
    octets = content.encode() if isinstance(content, str) else content
    found = [*read_reports(reference, io.BytesIO(octets), columns, ReportFormat(**form))]
    rows = [each for each in found if not isinstance(each, Dead)]
    dead = [each for each in found if isinstance(each, Dead)]
    assert all(each.reference == reference and each.stage == "reports" for each in dead)
    return rows, [each.reason for each in dead]
