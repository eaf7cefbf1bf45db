"""Columns of several rows."""

from gateway.sandbox.tables.columns import Field, merged


def test_merged() -> None:
    """Columns of several rows come together, those of records too, in the order of their first occurrence."""
    text = {"type": "STRING"}
    first: list[Field] = [{"name": "a", **text}, {"name": "r", "type": "RECORD", "fields": [{"name": "x", **text}]}]
    second: list[Field] = [{"name": "r", "type": "RECORD", "fields": [{"name": "y", **text}]}, {"name": "b", **text}]
    found = merged(first, second)
    assert [each["name"] for each in found] == ["a", "r", "b"]
    assert [each["name"] for each in found[1]["fields"]] == ["x", "y"]


def test_case() -> None:
    """Names that differ in case are one column, as in BigQuery."""
    first: list[Field] = [{"name": "Race", "type": "RECORD", "fields": [{"name": "a", "type": "STRING"}]}]
    second: list[Field] = [{"name": "race", "type": "RECORD", "fields": [{"name": "A", "type": "STRING"}]}]
    assert merged(first, second) == first
