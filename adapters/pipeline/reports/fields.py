"""The fields of one record, as Python's csv module reads them strictly."""

import csv

from adapters.pipeline.reports.settings import ReportFormat


def allow_fields_of(characters: int) -> None:
    """Let a field have so many characters: the csv module has one limit for the whole process, 131,072 at first.

    It is only ever raised; what bounds a field here is the length of its record.
    """
    if csv.field_size_limit() < characters:
        csv.field_size_limit(characters)


def fields_of(record: str, separator: str, form: ReportFormat) -> list[str] | None:
    """Return the fields; None for a record that the csv module does not take."""
    reader = csv.reader(
        [record],
        delimiter=separator,
        escapechar="\\" if form.quotes == "escaped" else None,
        strict=True,
    )
    try:
        found = next(reader, None)
        return None if found is None or next(reader, None) is not None else found
    except csv.Error:
        return None
