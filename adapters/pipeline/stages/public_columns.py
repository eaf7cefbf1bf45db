"""The columns of ``public_table``: those that the settings allow, and the name of the thumbnail."""

from collections.abc import Iterable, Iterator

from adapters.dicom.dictionary import tag_of
from adapters.pipeline.stages.deidentify import THUMBNAIL
from adapters.pipeline.stages.final import REPORT, REPORT_DATE
from adapters.tables.columns import Column
from adapters.tables.dicom.dictionary import column_of

OWN = {REPORT: Column(REPORT), REPORT_DATE: Column(REPORT_DATE, "DATE"), "hospital": Column("hospital")}


def column_problems(names: Iterable[str]) -> Iterator[str]:
    """Yield why names are no columns of the public table."""
    for name in names:
        if name in OWN:
            continue
        column = _of_attribute(name)
        if column is None:
            yield f"{name} is no attribute of PS3.6 that has a column; correct it, or remove it"
        elif column.type == "JSON":
            yield f"{name} is a sequence, whose items nobody has allowed one by one; remove it"


def public_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns by their *names*, and that of the thumbnail at the end."""
    found = (OWN.get(name) or _of_attribute(name) for name in names)
    return (*(each for each in found if each is not None), Column(THUMBNAIL))


def _of_attribute(name: str) -> Column | None:
    tag = tag_of(name)
    return None if tag is None else column_of(f"{tag:08X}")
