"""Codes of value sets."""

from gateway.sandbox.fhir.search.value_sets import Codes, codes_of


def test_compose() -> None:
    """Listed codes, and whole systems."""
    includes = [{"system": "s", "concept": [{"code": "a"}]}, {"system": "t"}]
    assert codes_of({"compose": {"include": includes}}) == Codes((("a", "s"),), ("t",))


def test_expansion() -> None:
    """An expansion has its codes at every level; abstract ones do not count."""
    contains = [{"abstract": True, "code": "x", "contains": [{"system": "s", "code": "a"}]}]
    assert codes_of({"expansion": {"contains": contains}}) == Codes((("a", "s"),), ())


def test_terminology_server() -> None:
    """Filters, imports and exclusions need a terminology server."""
    for compose in (
        {"include": [{"system": "s", "filter": []}]},
        {"include": [{"valueSet": ["x"]}]},
        {"include": [{"system": "s"}], "exclude": [{}]},
        {},
    ):
        assert codes_of({"compose": compose}) is None
