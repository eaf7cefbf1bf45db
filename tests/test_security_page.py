"""docs/security.md promises nothing that no test holds."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
PROMISES = [
    line
    for line in PAGE.partition("## Encryption")[2].splitlines()
    if line.startswith("| ") and "| held by |" not in line
]


@pytest.mark.parametrize(("file", "function"), sorted(set(REFERENCE.findall(PAGE))))
def test_reference(file: str, function: str) -> None:
    """Each test that the page names exists."""
    text = (ROOT / file).read_text()
    assert not function or f"def {function}(" in text


@pytest.mark.parametrize("line", PROMISES, ids=lambda line: line[2:42])
def test_promise_is_held(line: str) -> None:
    """Each row of the tables names a test."""
    assert REFERENCE.search(line)
