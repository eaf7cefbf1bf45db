"""docs/reports.md says of reports what the code does."""

import re
from pathlib import Path

from adapters.pipeline.linking import Why
from adapters.pipeline.reports.corrections import STATUSES
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from adapters.pipeline.reports.unpacking import MOST_TIMES

PAGE = (Path(__file__).parent.parent / "docs" / "reports.md").read_text()


def test_reasons() -> None:
    """The table of linking has each reason, and whether somebody should look at it."""
    told = dict(re.findall(r"^\| ([^|]+) \| (yes|no) \|$", PAGE, re.MULTILINE))
    assert told == {why.value: "yes" if why.is_held_back else "no" for why in Why}


def test_statuses() -> None:
    """The letters of HL7v2 are those that are known."""
    told = re.search(r"Known are `([A-Z ]+)`, `([A-Z])`, `([A-Z])`, `([A-Z ]+)`", PAGE)
    assert told is not None
    letters = [set(group.split()) for group in told.groups()]
    assert letters == [
        {each for each, rank in STATUSES.items() if rank == at and len(each) == 1} for at in (1, 2, 3, 4)
    ]


def test_settings() -> None:
    """The example and the text name settings that there are."""
    columns, form = ReportColumns.model_fields, ReportFormat.model_fields
    for name in ("status", "patient", "study", "names", "numbers", "telephones", "births"):
        assert name in columns
        assert f"`{name}`" in PAGE or f"{name}: " in PAGE
    for name in ("separator", "quotes", "encoding", "dates", "max_row_characters"):
        assert name in form
        assert name in PAGE
    assert f"more than {MOST_TIMES} times their size" in PAGE
