"""docs/security.md promises nothing that no test holds."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def promises() -> Iterator[str]:
    """Yield the rows of each table that says what holds them."""
    in_table = False
    for line in PAGE.splitlines():
        if line.endswith("| verified by |"):
            in_table = True
        elif in_table and line.startswith("| "):
            yield line
        elif not line.startswith("|"):
            in_table = False


@pytest.mark.parametrize(("file", "function"), sorted(set(REFERENCE.findall(PAGE))))
def test_reference(file: str, function: str) -> None:
    """Each test that the page names exists."""
    text = (ROOT / file).read_text()
    assert not function or f"def {function}(" in text


@pytest.mark.parametrize("line", list(promises()), ids=lambda line: line[2:42])
def test_promise_is_held(line: str) -> None:
    """Each row of the tables names a test."""
    assert REFERENCE.search(line)
