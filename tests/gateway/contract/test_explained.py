"""Parts of an explanation."""

from gateway.contract.explained import part


def test_part() -> None:
    """What is empty is left out of the paragraphs."""
    assert {"title": "T", "table": [], "steps": [], "words": ["a"]} == dict(part("T", "", "a"))
