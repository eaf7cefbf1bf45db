"""Parts of a configuration are validated."""

from pathlib import Path

import pytest

from gateway.config.validation import document_of, is_within, read_document, read_text, told, validated
from gateway.config.yaml_text import Mistake
from gateway.contract.errors import ConfigError
from gateway.contract.settings import Settings


class Part(Settings):
    """A part with one key."""

    size: int


def test_settings() -> None:
    """A variable is filled in, and the settings are there."""
    document = document_of("size: '${SIZE}'", "file")
    found = validated(Part, dict(document.data), document, {"SIZE": "7"})
    assert (7, True) == (found.settled("file").size, found.is_whole)


def test_mistake() -> None:
    """A mistake has its file and its place."""
    document = document_of("size: many", "file")
    found = validated(Part, dict(document.data), document, {})
    with pytest.raises(ConfigError) as caught:
        found.settled("file")
    assert caught.value.problems[0].startswith("file:1:7: size: ")


def test_files(tmp_path: Path) -> None:
    """A file that is absent, or is no mapping, is named."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_text(tmp_path / "absent")
    (tmp_path / "list").write_text("[1]")
    with pytest.raises(ConfigError, match="list:1:1: "):
        read_document(tmp_path / "list")


def test_told() -> None:
    """Without a file the place is in words, or the path is enough."""
    assert "a.b: is wrong" == told("", Mistake((3, 4), "a.b", "is wrong"))
    assert "line 3, column 4: is wrong" == told("", Mistake((3, 4), "", "is wrong"))
    assert "f:3:4: a.b: is wrong" == told("f", Mistake((3, 4), "a.b", "is wrong"))


@pytest.mark.parametrize(("path", "expected"), [("a", True), ("a.b", True), ("a[0]", True), ("ab", False)])
def test_within(path: str, expected: bool) -> None:
    """A path is within another one if it is below it."""
    assert expected == is_within(path, {"a"})
