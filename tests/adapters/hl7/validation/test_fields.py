"""Fields of one segment against definitions that the test makes."""

import pytest

from adapters.hl7.validation.checks import EVERYTHING, Checks
from adapters.hl7.validation.fields import FieldChecker
from adapters.hl7.validation.reading import Separators, read_segments

STANDARD = Separators.of(b"|", b"^~\\&")
EI = (
    ("EI_1", ("leaf", None, "ST", "", None, -1), (1, 1), "CMP"),
    ("EI_2", ("leaf", None, "ID", "", "T", -1), (0, 1), "CMP"),
)
CX = (
    ("CX_1", ("leaf", None, "NM", "", None, -1), (0, 1), "CMP"),
    ("CX_2", ("sequence", EI, "EI", "", None, -1), (0, 1), "CMP"),
    ("CX_3", ("sequence", None, "TS", "", None, -1), (0, 1), "CMP"),
)
TS = (("TS_1", ("leaf", None, "ST", "", None, -1), (0, 1), "CMP"),)
OBX = (
    "sequence",
    (
        ("OBX_1", ("leaf", None, "SI", "", None, -1), (1, 1), "FIE"),
        ("OBX_2", ("leaf", None, "ID", "", "HL70125", -1), (0, 1), "FIE"),
        ("OBX_3", ("sequence", CX, "CX", "", None, -1), (0, 2), "FIE"),
        ("OBX_4", ("leaf", None, "WD", "", None, -1), (0, 0), "FIE"),
        ("OBX_5", ("leaf", None, "varies", "", None, -1), (0, -1), "FIE"),
        ("OBX_6", ("leaf", None, "ID", "", "T", -1), (0, 1), "FIE"),
        ("OBX_7", ("leaf", None, "ID", "", "EMPTY", -1), (0, 1), "FIE"),
        ("OBX_8",),
    ),
)
DATATYPES = {"TS": TS, "CX": CX}
TABLES = {"T": ("a table", ("A", "B", "C,D")), "EMPTY": ("a table", ()), "HL70125": ("Value type", ("NM",))}


def told(line: str, wanted: Checks = EVERYTHING) -> list[str]:
    """Return code and place of what is wrong in *line*."""
    (segment,) = read_segments(line, STANDARD, b"\r")
    found = FieldChecker(wanted, STANDARD, DATATYPES, TABLES).check(segment, OBX)
    return [f"{each.code} {each.location}" for each in found]


CASES = {
    "good": ("OBX|1|NM|5^X&A^2024~6||7~8|A", ""),
    "required": ("OBX||", "101 OBX^1^1^1"),
    "required, separators alone": ("OBX|^~&", "101 OBX^1^1^1"),
    "required, null": ('OBX|""', ""),
    "cut short": ("OBX", "101 OBX^1^1^1"),
    "sequence number": ("OBX|one", "102 OBX^1^1^1"),
    "component": ("OBX|1||x", "102 OBX^1^3^1^1"),
    "component of the second repetition": ("OBX|1||5~x", "102 OBX^1^3^2^1"),
    "one repetition too many": ("OBX|1||5~6~7~8", "102 OBX^1^3^3"),
    "an empty repetition": ("OBX|1||5~6~", ""),
    "required subcomponent": ("OBX|1||5^&A", "101 OBX^1^3^1^2^1"),
    "subcomponent in a table": ("OBX|1||5^X&Z", "103 OBX^1^3^1^2^2"),
    "a component left out": ("OBX|1||5^^2024", ""),
    "the time of a TS in a component": ("OBX|1||^^never", "102 OBX^1^3^1^3^1"),
    "withdrawn": ("OBX|1|||x", ""),
    "varies: number": ("OBX|1|NM|||5~x", "102 OBX^1^5^2"),
    "varies: text": ("OBX|1|ST|||x", ""),
    "varies: time stamp": ("OBX|1|TS|||20241301", "102 OBX^1^5^1^1"),
    "varies: composite": ("OBX|1|CX|||5^X&Z", "103 OBX^1^5^1^2^2"),
    "varies: no datatype": ("OBX|1||||x^y", ""),
    "varies: unknown datatype": ("OBX|1|QQ|||x^y", "103 OBX^1^2^1"),
    "table": ("OBX|1|||||Z", "103 OBX^1^6^1"),
    "table, one of several in a row": ("OBX|1|||||D", ""),
    "table that nobody knows": ("OBX|1||||||Z", ""),
    "more components than a primitive has": ("OBX|1^x|NM|||5^mg|A^x", ""),
    "more fields than the segment has": ("OBX|1|||||||x|y|z", ""),
}


@pytest.mark.parametrize(("line", "expected"), CASES.values(), ids=CASES)
def test_check(line: str, expected: str) -> None:
    """Each mistake has the code of its kind, and its place."""
    assert ([expected] if expected else []) == told(line)


OFF: dict[str, tuple[Checks, str, list[str]]] = {
    "required": (Checks(required=False), "OBX|", []),
    "datatypes": (Checks(datatypes=False), "OBX|x||5~6~7", []),
    "tables": (Checks(tables=False), "OBX|1|QQ||||Z", []),
}


@pytest.mark.parametrize(("wanted", "line", "expected"), OFF.values(), ids=OFF)
def test_each_check_can_be_turned_off(wanted: Checks, line: str, expected: list[str]) -> None:
    """A check that is switched off finds nothing."""
    assert told(line)
    assert expected == told(line, wanted)
