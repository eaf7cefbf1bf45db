"""Rows of DICOM headers: any elements are read or refused, the same whole and in pieces; a row is JSON."""

from collections.abc import Iterable

import msgspec

from adapters.dicom.encoding import Malformed
from adapters.tables.columns import merged
from adapters.tables.dicom.data_set import DataSet
from adapters.tables.dicom.rows import About, Form, NoIdentityError, row_of
from adapters.tables.dicom.streaming import Passing
from adapters.tables.hl7v2.rows import row_of as row_of_message
from adapters.tables.hl7v2.segments import NoMessageError
from tests.fuzz.deidentify_dicom import made
from tests.fuzz.source import Source, cut

ABOUT = About("2026-01-31T00:00:00Z")
FORMS: tuple[Form, ...] = ("nested", "json", "flattened")


def read(pieces: Iterable[bytes]) -> DataSet | None:
    """Return what passes by; None if it is refused."""
    passing = Passing()
    try:
        for each in pieces:
            passing.take(each)
        return passing.end().data_set
    except Malformed:
        return None


def target(data: bytes) -> None:
    """Make rows of an instance, and of the same octets as an HL7v2 message."""
    source = Source(data)
    form, sizes = source.choice(FORMS), source.sizes()
    file = made(source)
    found = read(cut(file, sizes) if sizes else [file])
    assert found == read([file])
    if found is not None:
        try:
            row = row_of(found, form, ABOUT)
        except NoIdentityError:
            return
        msgspec.json.encode(row.row)
        assert merged(row.columns, row.columns) == row.columns
        assert row.row.keys() <= {each.name for each in row.columns}
    try:
        msgspec.json.encode(row_of_message(b"MSH|^~\\&|" + data, "2026-01-31T00:00:00Z"))
    except NoMessageError:
        return
