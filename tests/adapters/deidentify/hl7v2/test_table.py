"""Each row of the table does what it says, and a field without a row is emptied."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.deidentify.hl7v2 import table
from adapters.deidentify.hl7v2.structure import STRUCTURAL
from adapters.deidentify.hl7v2.table import ACTIONS, fields
from tests.adapters.deidentify.hl7v2.support import DAYS, PSEUDONYM, PSEUDONYMS, through

ROWS = [
    (segment, number, action)
    for segment, actions in fields().items()
    for number, action in actions.items()
    if (segment, number) not in STRUCTURAL
]
MOVED = f"{date(2024, 1, 2) + timedelta(DAYS):%Y%m%d}"
FOREIGN = "Erika Mustermann"
"""A name that the message does not say of its patient: no search finds it, only the table does."""


def test_actions_are_known() -> None:
    """No row asks for something that nobody does."""
    assert {action.partition(":")[0] for _, _, action in ROWS} <= ACTIONS
    assert all((":" in action) == action.startswith("number") for _, _, action in ROWS)


def test_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A field that is listed twice is a mistake of the table."""
    (tmp_path / "fields.tsv").write_text("segment\tfields\taction\nPID\t1 2\tkeep\nPID\t2\tcode\n")
    monkeypatch.setattr(table, "FIELDS", tmp_path / "fields.tsv")
    with pytest.raises(ValueError, match="PID-2 is listed twice"):
        fields.__wrapped__()


CLEANING = {"text": "known_identifiers"}
CUT = {"profile": "safe_harbor"}
DOCTOR = PSEUDONYMS.identifier("clinician", "D7")
EXAMPLES: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "keep": [("A1", "A1", {})],
    "code": [("7^Foreign name^LOCAL", "7^^LOCAL", {}), ("7^Glucose^LN", "7^Glucose^LN", {})],
    "patient": [("4815162^^^HOSP^MR", f"{PSEUDONYM}^^^HOSP^MR", {})],
    "person": [("D7^Who^Doc", DOCTOR, {}), ("D7^Who^Doc", "", {"clinicians": "remove"})],
    "place": [("W^12^3^SITE^X", "^^^SITE", {})],
    "address": [("1 Rd^^Town^MA^02139^US^H", "^^^MA^021^US", {}), ("1 Rd^^Town^MA^02139-1^US", "^^^MA^^US", {})],
    "birth": [("19540307", "1954", {}), ("19540307", "1954", CUT)],
    "date": [("20240102", MOVED, {}), ("202401021011", f"{MOVED}1011", {}), ("20240102", "2024", CUT)],
    "period": [("20240102^20240102", f"{MOVED}^{MOVED}", {}), ("20240102^20240105", "2024^2024", CUT)],
    "timing": [("1^Q^D^20240102^20240102^P", f"^^^{MOVED}^{MOVED}", {})],
    "value": [("all is well", "all is well", CLEANING), ("all is well", "", {})],
    "text": [("all is well", "all is well", CLEANING), ("J Smith is well", "J *** is well", CLEANING)],
    "sender": [("LAB2", "LAB2", {}), ("LAB2", "", {"keep_sender": False})],
}
"""By action: a value, what becomes of it, and the profile."""


def examples(action: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the examples of an action."""
    name, _, purpose = action.partition(":")
    return [("N-81^X", PSEUDONYMS.identifier(purpose, "N-81"), {})] if name == "number" else EXAMPLES[name]


@pytest.mark.parametrize(("segment", "number", "action"), ROWS)
def test_row(segment: str, number: int, action: str) -> None:
    """A foreign name goes, and what the action is for stays or is replaced."""
    for value, becomes, profile in examples(action):
        kept = {"keep_segments": ()} if segment != "NTE" else CLEANING
        assert through(segment, number, value, **(kept | profile)) == becomes
    if action not in ("text", "value", "sender"):
        said = through(segment, number, FOREIGN, **CLEANING)
        assert "Erika" not in said
        assert "Mustermann" not in said


@pytest.mark.parametrize("segment", sorted({segment for segment, _, _ in ROWS}))
def test_not_listed(segment: str) -> None:
    """A field without a row is emptied."""
    listed = {number for each, number, _ in ROWS if each == segment} | {2 * (segment == "OBX"), 9 * (segment == "MSH")}
    for number in range(1, 50):
        if number not in listed and (segment, number) not in STRUCTURAL and (segment, number) != ("MSH", 1):
            assert through(segment, number, "A1", **CLEANING) == "", f"{segment}-{number}"
