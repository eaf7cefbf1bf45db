"""The words of ``hilum tables`` and ``hilum query``."""

import pytest

from gateway.cli.main import build_parser


def test_words() -> None:
    """A configuration, an action, tables; a configuration, a query, a format."""
    options = build_parser().parse_args(["tables", "x.yaml", "verify", "a", "b"])
    assert ("verify", ["a", "b"]) == (options.action, options.names)
    options = build_parser().parse_args(["query", "x.yaml", "SELECT 1"])
    assert ("SELECT 1", "table", None) == (options.sql, options.format, options.most)


@pytest.mark.parametrize("words", [["tables", "x.yaml", "drop"], ["query", "x.yaml", "SELECT 1", "--most", "0"]])
def test_mistakes(words: list[str]) -> None:
    """Other words are refused."""
    with pytest.raises(SystemExit):
        build_parser().parse_args(words)
