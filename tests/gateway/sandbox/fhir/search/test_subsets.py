"""Parts of a resource."""

from gateway.sandbox.fhir.search.subsets import subset

RESOURCE = {"resourceType": "Patient", "id": "p", "meta": {"versionId": "1"}, "text": {}, "name": [], "_name": []}


def test_elements() -> None:
    """An element comes with its extension; type, ID and meta always come."""
    assert subset(RESOURCE, ["Patient.name"], "").keys() == {"resourceType", "id", "meta", "name", "_name"}


def test_summary() -> None:
    """The text alone, or all but the text."""
    assert subset(RESOURCE, [], "text").keys() == {"resourceType", "id", "meta", "text"}
    assert "text" not in subset(RESOURCE, [], "data")
    assert subset(RESOURCE, [], "") is RESOURCE
