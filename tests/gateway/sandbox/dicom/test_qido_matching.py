"""Attribute matching."""

from typing import Any

import pytest

from gateway.sandbox.dicom.qido_matching import matches

NAME = {"vr": "PN", "Value": [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]}
MATCHING: list[tuple[dict[str, Any] | None, str, str, bool]] = [
    (None, "LO", "", True),
    (None, "LO", "*", False),
    ({"vr": "LO"}, "LO", "x", False),
    ({"vr": "LO", "Value": ["Abc"]}, "LO", "Abc", True),
    ({"vr": "LO", "Value": ["Abc"]}, "LO", "abc", False),
    ({"vr": "LO", "Value": ["Abc"]}, "LO", "Ab", False),
    ({"vr": "LO", "Value": ["Abc"]}, "LO", "A*", True),
    ({"vr": "LO", "Value": ["Abc"]}, "LO", "?b?", True),
    ({"vr": "LO", "Value": ["Abc"]}, "LO", "?b", False),
    ({"vr": "LO", "Value": ["A.c"]}, "LO", "A.c", True),
    ({"vr": "LO", "Value": ["Abc"]}, "LO", "A.c", False),
    ({"vr": "LO", "Value": ["x", "y"]}, "LO", "y", True),
    ({"vr": "LO", "Value": [None, "y"]}, "LO", "y", True),
    (NAME, "PN", "YAMADA*", True),
    (NAME, "PN", "山田*", True),
    (NAME, "PN", "Smith*", False),
    ({"vr": "UI", "Value": ["1.2"]}, "UI", "1.2", True),
    ({"vr": "UI", "Value": ["1.2"]}, "UI", "1.3,1.2", True),
    ({"vr": "UI", "Value": ["1.2"]}, "UI", "1.3\\1.2", True),
    ({"vr": "UI", "Value": ["1.2"]}, "UI", "1.*", False),
    ({"vr": "DA", "Value": ["20240102"]}, "DA", "20240102", True),
    ({"vr": "DA", "Value": ["20240102"]}, "DA", "20240101-20240102", True),
    ({"vr": "DA", "Value": ["20240102"]}, "DA", "20240103-", False),
    ({"vr": "DA", "Value": ["20240102"]}, "DA", "-20240102", True),
    ({"vr": "DA", "Value": ["20240102"]}, "DA", "-20240101", False),
    ({"vr": "DA", "Value": ["20240102"]}, "DA", "-", True),
    ({"vr": "TM", "Value": ["101530.5"]}, "TM", "10-1015", True),
    ({"vr": "TM", "Value": ["101530.5"]}, "TM", "-1014", False),
    ({"vr": "IS", "Value": [7]}, "IS", "7", True),
    ({"vr": "IS", "Value": [7]}, "IS", "?", False),
]


@pytest.mark.parametrize(("element", "vr", "pattern", "expected"), MATCHING)
def test_matches(element: dict[str, Any] | None, vr: str, pattern: str, expected: bool) -> None:
    """Single values, wildcards, ranges and lists match as PS3.4 C.2.2.2 says."""
    assert expected == matches(element, vr, pattern)
