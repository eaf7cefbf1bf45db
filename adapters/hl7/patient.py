"""The patient that a message is about: the first PID segment, and the ordering key."""

import re

from adapters.hl7.er7 import MOST_OCTETS, Header, ending, lead


def patient_id(data: bytes) -> str | None:
    """Return the first identifier of the first ``PID-3`` with its assigning authority; None if there is none.

    It identifies a patient: it may be used as a key, but must not reach a log.
    """
    header = Header.parse(data)
    if header is None or not header.usable:
        return None
    delimiters = header.delimiters
    fields = first_pid(data, delimiters.field, 3)
    identifier = fields[2].partition(delimiters.repetition)[0][:MOST_OCTETS] if len(fields) > 2 else b""
    number, *others = (each.strip() for each in identifier.split(delimiters.component))  # CX.1, and CX.4 among others
    authority = others[2] if len(others) > 2 else b""
    return f"{number.decode('latin-1')}|{authority.decode('latin-1')}" if number else None


def first_pid(data: bytes, separator: bytes, most: int) -> list[bytes]:
    """Return ``PID-1`` to ``PID-most`` of the first PID segment of the message *data*; an empty list without one."""
    ends = ending(data, lead(data))
    # Both patterns take linear time, even for data of nothing but line feeds.
    start = rb"(?<=[\r\n])" if b"\n" in ends else rb"\r\n*"
    found = re.search(rb"%bPID%b([^%b]*)" % (start, re.escape(separator), ends), data)  # re caches the compiled pattern
    return found[1].split(separator, most)[:most] if found else []
