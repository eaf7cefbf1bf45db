"""References are found and rewritten wherever they are."""

from gateway.sandbox.fhir.references import references, resolved, rewritten

RESOURCE = {
    "subject": {"reference": "urn:uuid:1"},
    "contained": [{"link": [{"reference": "#x"}]}],
    "extension": [{"url": "urn:uuid:1", "valueReference": {"reference": "Patient/2#part"}}],
    "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
    "text": {"div": '<a href="urn:uuid:1">urn:uuid:1</a>'},
}


def test_find() -> None:
    """Contained resources and extensions count."""
    assert sorted(references(RESOURCE)) == ["#x", "Patient/2#part", "urn:uuid:1"]


def test_rewrite() -> None:
    """References, URLs and links of the narrative are rewritten, values of identifiers and text are not."""
    changed = rewritten(RESOURCE, {"urn:uuid:1": "Patient/1", "Patient/2": "Patient/3"})
    assert changed == {
        "subject": {"reference": "Patient/1"},
        "contained": [{"link": [{"reference": "#x"}]}],
        "extension": [{"url": "Patient/1", "valueReference": {"reference": "Patient/3#part"}}],
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
        "text": {"div": '<a href="Patient/1">urn:uuid:1</a>'},
    }


def test_resolve() -> None:
    """Only conditional references are resolved."""
    element = [{"reference": "Patient?identifier=1"}, {"reference": "Patient/2"}, {"url": "a?b"}]
    assert resolved(element, lambda _: "Patient/9")[0] == {"reference": "Patient/9"}
    assert resolved(element, lambda _: "Patient/9")[1:] == element[1:]
