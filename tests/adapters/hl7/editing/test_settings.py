"""Mistakes in the settings are found when they are read."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from adapters.hl7.editing import EditHl7v2Settings
from tests.adapters.hl7.editing.making import settings

PAGE = Path(__file__).parents[4] / "docs" / "steps.md"

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no path": ({"set": {"PID.3": "x"}}, "is not a path"),
    "a whole segment": ({"set": {"PID": "x"}}, "names a whole segment"),
    "the delimiters": ({"set": {"MSH-2": "x"}}, "cannot be edited"),
    "the control ID": ({"replace": {"MSH-10": {"pattern": "a", "with": "b"}}}, "cannot be edited"),
    "a map of the control ID": ({"map": {"MSH-10": {"values": {"a": "b"}}}}, "cannot be edited"),
    "a copy to the control ID": ({"copy": {"MSH-10": "PID-3"}}, "cannot be edited"),
    "a copy of the delimiters": ({"copy": {"PID-3": "MSH-2"}}, "which are not text"),
    "the header": ({"remove": ["MSH"]}, "cannot be removed"),
    "a line end": ({"set": {"PID-3": "a\nb"}}, "control character"),
    "a line end in a table": ({"map": {"PID-3": {"values": {"a": "b\r"}}}}, "control character"),
    "a line end that is looked up": ({"map": {"PID-3": {"values": {"a\r": "b"}}}}, "control character"),
    "an empty value that is looked up": ({"map": {"PID-3": {"values": {"": "b"}}}}, "never looked up"),
    "no table": ({"map": {"PID-3": {}}}, "either `values` or `file`"),
    "two tables": ({"map": {"PID-3": {"values": {"a": "b"}, "file": "t.csv"}}}, "either `values` or `file`"),
    "an empty table": ({"map": {"PID-3": {"values": {}}}}, "values is empty"),
    "no regular expression": ({"replace": {"PID-3": {"pattern": "(", "with": ""}}}, "no regular expression"),
    "a group that is missing": ({"replace": {"PID-3": {"pattern": "a", "with": r"\1"}}}, "the group 1"),
    "nothing to write": ({"replace": {"PID-3": {"pattern": "a"}}}, "required"),
    "a number where a text belongs": ({"set": {"PID-3": 1}}, "valid string"),
    "an unknown key": ({"delete": ["PID-3"]}, "not permitted"),
}


@pytest.mark.parametrize(("operations", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(operations: dict[str, Any], reason: str) -> None:
    """A mistake is an error."""
    with pytest.raises(ValidationError, match=reason):
        settings(**operations)


def test_example_of_the_issue() -> None:
    """Paths and texts are taken as they are written."""
    read = settings(set={"MSH-5": "MPI", "PID-3[1].4": "HOSP", "PID-8": '""', "PID-9": ""}, remove=["PID-19", "ZPD"])
    assert ("HOSP", ("PID-19", "ZPD")) == (read.set["PID-3[1].4"], read.remove)


def test_examples_of_the_page() -> None:
    """What docs/steps.md shows of this step has no mistake."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    steps = [step for block in blocks for step in yaml.safe_load(block).get("steps", {}).values()]
    examples = [EditHl7v2Settings.model_validate(step) for step in steps if step["kind"] == "edit_hl7v2"]
    assert ["MPI"] == [example.set["MSH-5"] for example in examples]
