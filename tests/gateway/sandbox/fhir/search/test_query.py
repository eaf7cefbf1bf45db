"""Reading the parameters of a search."""

from gateway.sandbox.fhir.search.query import LARGEST_COUNT, read_query


def test_read() -> None:
    """Result parameters are taken out, and those of the API do not count."""
    pairs = [("_count", "5000"), ("_sort", "-date,status"), ("alt", "json"), ("status", "final"), ("_page_token", "t")]
    query = read_query("Observation", pairs)
    assert (query.count, query.sort) == (LARGEST_COUNT, [("date", True), ("status", False)])
    assert (query.filters, query.page_token) == ([("status", "final")], "t")
    assert query.sent == [("_count", "5000"), ("_sort", "-date,status"), ("status", "final")]


def test_by_identifier() -> None:
    """Only a search by identifier without an order reads the index that does not lag."""
    assert read_query("Patient", [("identifier", "1"), ("_include", "Patient:link")]).by_identifier_only
    assert not read_query("Patient", [("identifier", "1"), ("_sort", "name")]).by_identifier_only
    assert not read_query("Patient", [("identifier", "1"), ("active", "true")]).by_identifier_only
    assert not read_query("Patient", []).by_identifier_only
