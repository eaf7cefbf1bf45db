"""The report of the gate."""

from adapters.pipeline.gate.candidates import Held, Rules
from adapters.pipeline.gate.groups import Cells
from adapters.pipeline.gate.reporting import FAILED, Scanned, as_markdown, failed_report, report_of

RULES = Rules(frozenset({"Modality", "PatientSex"}), k=5)
HELD = [Held("1", "a reason"), Held("2", "another"), Held("3", "a reason")]
REPORT = report_of(7, HELD, Cells({"PatientSex": 0, "Modality": 2}, 1, 3), Scanned(4, 20, 10, 9), RULES)
MARKDOWN = """# Report of the gate

Of 10 rows 7 pass and 3 are held back.

| rows | held back because |
|---:|---|
| 2 | a reason |
| 1 | another |

## Small cells

A value, and a combination of values of `Modality`, `PatientSex`, is shown if at least 5 patients have it.
Values of fewer patients were left out; rows of smaller combinations were held back.

| what | how many |
|---|---:|
| rare values of `Modality` | 2 |
| rows with an age over 89 | 1 |
| combinations of too few patients | 3 |

## What was searched

10 rows and 9 pictures were searched for 20 identifiers of 4 patients, each for those of its own patient.
Each picture was searched for text a second time.
"""


def test_counts() -> None:
    """Rows by reason, small cells by column, and what was searched."""
    assert REPORT["reasons"] == {"a reason": 2, "another": 1}
    assert REPORT["candidates"] == REPORT["passed"] + REPORT["held_back"] == 10
    assert REPORT["small_cells"]["rare_values"] == {"Modality": 2}
    assert REPORT["leak_scan"] == {"patients": 4, "identifiers": 20, "rows": 10, "pictures": 9}


def test_markdown() -> None:
    """The same for people."""
    assert as_markdown(REPORT) == MARKDOWN


def test_failed() -> None:
    """Of a gate that has failed one knows that nothing has passed."""
    told = as_markdown(failed_report(4))
    assert "Of 4 rows 0 pass and 4 are held back." in told
    assert FAILED in told
    assert "Small cells" not in told
