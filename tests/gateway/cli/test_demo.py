"""The demo is the first thing that anybody sees."""

from pathlib import Path

import pytest

from gateway.cli.demo import Row, run_demo, table
from gateway.cli.samples import DICOM_NAMES, HL7_SAMPLES

ROWS = {
    "stored and said so": (Row("a", "AA", "AA", "somewhere"), True),
    "refused and said so": (Row("a", "AE", "AE", None), True),
    "another answer": (Row("a", "AR", "AA", None), False),
    "a false stored": (Row("a", "AA", "AA", None), False),
    "stored after all": (Row("a", "AE", "AE", "somewhere"), False),
}


@pytest.mark.parametrize(("row", "expected"), ROWS.values(), ids=ROWS)
def test_good(row: Row, expected: bool) -> None:
    """A row is good when the answer is the expected one and true."""
    assert expected == row.good


def test_table_marks_what_is_wrong() -> None:
    """A row that is not good begins with an exclamation mark."""
    assert table([Row("a.hl7", "AR", "AA", None)]).splitlines()[1].split() == ["!", "a.hl7", "AR", "not", "stored"]


async def test_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--once`` sends every sample through real sockets, prints a line for each and ends well."""
    assert await run_demo(tmp_path, stay=False)
    printed = capsys.readouterr().out
    assert [] == [name for name in (*DICOM_NAMES, *(each.title for each in HL7_SAMPLES)) if name not in printed]
    assert "\nAll went well.\n" in printed
