"""The filter expressions of messages.list."""

import sqlite3

import pytest

from gateway.sandbox.hl7v2.filter import FilterError, parse_filter
from gateway.sandbox.hl7v2.store import Window, add, list_after

# Control ID: type, facility, time, patient
MESSAGES = {
    "1": (b"ADT", b"NORTH", b"20240101", b"7^^^^MR"),
    "2": (b"ORU", b"NORTH", b"20240102120000", b"7^^^^SS"),
    "3": (b"ADT", b"SOUTH", b"20240103", b"8^^^^MR"),
    "4": (b"ADT", b"SOUTH", b"", b""),
}

FILTERS = {
    "none": ("", "1234"),
    "text": ('message_type = "ADT"', "134"),
    "other spelling": ('sendFacility="SOUTH"', "34"),
    "negated": ('NOT message_type = "ADT"', "2"),
    "negated, field absent": ('NOT send_date < "2024-01-03"', "34"),
    "and": ('message_type="ADT" AND send_facility="NORTH"', "1"),
    "or": ('message_type="ORU" OR send_facility="SOUTH"', "234"),
    "and binds closer": ('message_type="ORU" OR message_type="ADT" AND send_facility="NORTH"', "12"),
    "parentheses": ('(message_type="ORU" OR message_type="ADT") AND send_facility="NORTH"', "12"),
    "date": ('send_date = "2024-01-02"', "2"),
    "date range": ('send_date >= "2024-01-02" AND sendDate <= "2024-01-03"', "23"),
    "time with zone": ('send_time < "2024-01-02T13:30:00+02:00"', "1"),
    "creation": ('create_time > "2020-01-01T00:00:00Z"', "1234"),
    "patient": ('PatientId("7", "MR")', "1"),
    "label": ('labels."number"="3"', "3"),
    "label without quotation marks": ('labels.number="3"', "3"),
    "any label": ('labels."number":*', "1234"),
    "an operator within quotation marks": ('send_facility="NORTH OR SOUTH"', ""),
    "not SQL": ('send_facility="\' OR 1=1 --"', ""),
}


@pytest.mark.parametrize(("expression", "control_ids"), FILTERS.values(), ids=FILTERS)
def test_filter(connection: sqlite3.Connection, expression: str, control_ids: str) -> None:
    """The messages that meet the expression are found, and no others."""
    for control_id, (kind, facility, time, patient) in MESSAGES.items():
        header = b"MSH|^~\\&|A|%b|B|C|%b||%b^X01|%b|P|2.5\r" % (facility, time, kind, control_id.encode())
        add(connection, "s", header + b"PID|1||" + patient, {"number": control_id})
    found = list_after(connection, "s", Window(0, 10), parse_filter(expression))
    assert "".join(message.labels["number"] for message in found) == control_ids


INVALID = [
    'comment = "x"',
    "message_type",
    "message_type = ADT",
    'message_type > "ADT"',
    'message_type = "ADT',
    'message_type = "ADT" message_type = "ADT"',
    'message_type = "ADT" AND',
    '(message_type = "ADT"',
    'send_date = "2024"',
    'send_date ( "2024-01-01"',
    'send_time = "2024-01-01"',
    'PatientId("7")',
    "PatientId",
    'labels = "x"',
    'labels.="x"',
    "NOT",
    "NOT " * 100 + 'message_type = "ADT"',
    "(" * 2000,
    "; DROP TABLE messages",
]


@pytest.mark.parametrize("expression", INVALID)
def test_invalid(expression: str) -> None:
    """What is not understood is refused, never ignored."""
    with pytest.raises(FilterError):
        parse_filter(expression)
