"""Settings of reports say what is wrong with them."""

import pytest
from pydantic import ValidationError

from adapters.pipeline.reports.settings import ReportColumns, ReportFormat


def test_encodings() -> None:
    """An encoding may be written as Python takes it; one that no CSV file has is refused."""
    assert ReportFormat(encoding="Latin-1").encoding == "iso8859-1"
    assert ReportFormat(encoding="windows-1252").encoding == "cp1252"
    assert ReportFormat(encoding="UTF8").encoding == "utf-8"
    for name in ("rot13", "base64", "utf-7", "idna", "nonsense"):
        with pytest.raises(ValidationError, match="is no encoding of a CSV file"):
            ReportFormat(encoding=name)


def test_columns() -> None:
    """The accession number and the text are needed, and an empty name names nothing."""
    with pytest.raises(ValidationError, match="text"):
        ReportColumns.model_validate({"accession": "A"})
    with pytest.raises(ValidationError, match="accession"):
        ReportColumns(accession="", text="T")
