"""Converts a message to Google's ``ParsedData``: segments with their fields under positional keys."""

from gateway.sandbox.hl7v2.message import Header, as_text, read_header

# Segments whose first field is a set ID; for others Google leaves setId empty.
SET_ID_SEGMENTS = {b"AL1", b"DG1", b"GT1", b"IN1", b"NK1", b"NTE", b"OBR", b"OBX", b"PID", b"PR1", b"PV1", b"SPM"}


def parsed_data(data: bytes) -> dict[str, object]:
    """Return the ``parsedData`` of a message that the store holds."""
    header = read_header(data) or Header()
    return {"segments": [_segment(segment, header) for segment in data.split(b"\r") if segment]}


def _segment(segment: bytes, header: Header) -> dict[str, object]:
    name, *fields = segment.split(header.field_separator)
    parsed = {"0": as_text(name)}
    if name == b"MSH":
        parsed |= {"1": as_text(header.field_separator), "2": as_text(header.encoding_characters)}
        numbered = enumerate(fields[1:], start=3)
    else:
        numbered = enumerate(fields, start=1)
    for number, field in numbered:
        parsed |= _field(str(number), field, header)
    set_id = as_text(fields[0]) if fields and name in SET_ID_SEGMENTS else ""
    return {"segmentId": as_text(name), "setId": set_id, "fields": parsed}


def _field(number: str, field: bytes, header: Header) -> dict[str, str]:
    component, repetition, _, subcomponent = (bytes([octet]) for octet in header.encoding_characters[:4])
    parsed: dict[str, str] = {}
    repetitions = field.split(repetition)
    for index, value in enumerate(repetitions):
        key = f"{number}[{index}]" if len(repetitions) > 1 else number
        for component_key, part in _numbered(key, value, component):
            parsed |= {name: as_text(leaf) for name, leaf in _numbered(component_key, part, subcomponent) if leaf}
    return parsed


def _numbered(key: str, value: bytes, separator: bytes) -> list[tuple[str, bytes]]:
    """Return the parts of *value* with the keys ``key.1``, ``key.2``, …; a value without *separator* has *key*."""
    parts = value.split(separator)
    return (
        [(f"{key}.{position}", part) for position, part in enumerate(parts, start=1)] if parts[1:] else [(key, value)]
    )
