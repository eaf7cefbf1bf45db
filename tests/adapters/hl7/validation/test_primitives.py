"""Values of the datatypes without components."""

import pytest

from adapters.hl7.validation.primitives import is_valid

VALID = {
    "DT": ["2024", "202402", "20240229"],
    "DTM": [
        "2024",
        "20240229",
        "2024022923",
        "202402292359",
        "20240229235959",
        "20240229235959.1234+0100",
        "2024-0500",
    ],
    "TM": ["23", "2359", "235959", "235959.1", "2359+0100"],
    "NM": ["0", "-1", "+1.5", "1.", ".5", " 7 "],
    "SI": ["1", "0001"],
    "ST": ["anything"],
    "CWE": ["anything"],
}
INVALID = {
    "DT": ["20230229", "20241301", "2024-02-29", "240229", "00000000", "202402292359", "2024\uff102"],
    "DTM": ["2024022924", "20240229 2359", "20240229235960", "20240229.1", "20240229235959.12345", "2024+9900", "x"],
    "TM": ["24", "12:30", "1260", "235959."],
    "NM": ["<10", "1,5", "1e5", "NaN", "1.5.2", "."],
    "SI": ["-1", "1.5", "A"],
}


@pytest.mark.parametrize(("datatype", "value"), [(name, each) for name, all_ in VALID.items() for each in all_])
def test_valid(datatype: str, value: str) -> None:
    """Dates and times may be as precise as their sender knows; of other datatypes any value will do."""
    assert is_valid(datatype, value)


@pytest.mark.parametrize(("datatype", "value"), [(name, each) for name, all_ in INVALID.items() for each in all_])
def test_invalid(datatype: str, value: str) -> None:
    """A day must be in the calendar, a number must be one."""
    assert not is_valid(datatype, value)
