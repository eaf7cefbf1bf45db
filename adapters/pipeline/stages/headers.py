"""The stage ``headers``: an instance becomes a row of ``dicom_metadata``, on the identified side."""

from adapters.dicom.encoding import Malformed
from adapters.pipeline.contract import Dead, Made, Reference
from adapters.tables.columns import Column
from adapters.tables.dicom import rows
from adapters.tables.dicom.reading import Instance, scan
from adapters.tables.manifest import Shape

STAGE, TABLE = "headers", "dicom_metadata"
OWN = (Column("Hospital"), Column("Object"), Column("ObjectVersion"))
"""Where the row comes from: the same UID may be in two hospitals, and in two objects of one."""
NOT_OURS = frozenset({"LastUpdated", "Type", "SourceDicomStore", "StorageClass"})
"""What a store would say of an instance; an object in a bucket has none of it."""
SHAPE = Shape((*OWN, *(each for each in rows.SHAPE.columns if each.name not in NOT_OURS)))


def instance_of(octets: bytes) -> Instance:
    """Read the header of a file in memory; raises Malformed."""
    reading = scan(len(octets))
    try:
        span = next(reading)
        while True:
            span = reading.send(octets[span.first : span.first + span.count])
    except StopIteration as end:
        found: Instance = end.value
        return found


def headers(reference: Reference, octets: bytes) -> Made:
    """Return the row of an instance, or why there is none."""
    try:
        found = instance_of(octets)
        made = rows.row_of(found.data_set, "nested", rows.About("", size=reference.size))
    except (Malformed, rows.NoIdentityError) as error:
        return Made(dead=[Dead(reference, STAGE, str(error))])
    row = {name: value for name, value in made.row.items() if name not in NOT_OURS}
    row |= {"Hospital": reference.hospital, "Object": text_of(reference.key), "ObjectVersion": reference.version}
    columns = [each for each in made.columns if each.name not in NOT_OURS]
    return Made({TABLE: [row]}, {TABLE: columns})


def text_of(key: str) -> str:
    """Return a key as a text that can be written: names of files need not be UTF-8."""
    return key.encode(errors="surrogateescape").decode(errors="replace")
