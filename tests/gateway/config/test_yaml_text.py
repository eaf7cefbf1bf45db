"""YAML text to plain data."""

import pytest

from gateway.config.yaml_text import fill_in, read_yaml
from gateway.contract.errors import ConfigError


def test_same_key_in_different_places() -> None:
    """Only within one mapping must a key be unique."""
    assert {"a": {"port": 1}, "b": {"port": 2}} == read_yaml("a: {port: 1}\nb: {port: 2}\n")


def test_key_twice() -> None:
    """A key that stands twice is an error at its second place."""
    with pytest.raises(ConfigError, match="line 3, column 3: is not valid YAML: the key 'port' stands twice"):
        read_yaml("a:\n  port: 1\n  port: 2\n")


def test_fill_in() -> None:
    """Strings in mappings and lists are filled in; everything else stays."""
    missing: list[str] = []
    raw = {"a": ["${X}/b", 1], "c": "$X", "d": None}
    assert {"a": ["x/b", 1], "c": "$X", "d": None} == fill_in(raw, {"X": "x"}, missing)
    assert [] == missing


def test_missing_variables_are_named_with_their_path() -> None:
    """Each variable that the environment lacks is named where it is used."""
    missing: list[str] = []
    fill_in({"a": {"b": ["${X}", "${Y}"]}}, {"X": "x"}, missing)
    assert ["a.b[1]: the environment has no Y; set it or write the value here"] == missing
