"""Which patient a message is about, for ordering only."""

import re

from adapters.hl7.er7 import Header, ending, lead


def patient_id(data: bytes) -> str | None:
    """Return the first identifier of the first ``PID-3`` with its assigning authority; None where there is none.

    It names a patient: it may become a key, and never reaches a log.
    """
    header = Header.parse(data)
    if header is None or not header.usable:
        return None
    delimiters = header.delimiters
    fields = _first_pid(data, delimiters.field)
    identifier = fields[3].partition(delimiters.repetition)[0] if len(fields) > 3 else b""
    number, *others = (each.strip() for each in identifier.split(delimiters.component))  # CX.1, and CX.4 among others
    authority = others[2] if len(others) > 2 else b""
    return f"{number.decode('latin-1')}|{authority.decode('latin-1')}" if number else None


def _first_pid(data: bytes, separator: bytes) -> list[bytes]:
    for segment in re.split(b"[" + ending(data, lead(data)) + b"]\n*", data):
        if segment.startswith(b"PID" + separator):
            return segment.split(separator, 4)
    return []
