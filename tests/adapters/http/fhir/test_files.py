"""Prepared FHIR files."""

import pytest

from adapters.http.fhir.files import lines, read_file

BAD = {
    "no JSON": (b"{", "the body is not JSON"),
    "a list": (b"[]", "it is no resource"),
    "no type": (b'{"id": "1"}', "it is no resource"),
    "a type that is no text": (b'{"resourceType": 5}', "it is no resource"),
}


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD)
def test_no_resource(data: bytes, reason: str) -> None:
    """What holds no resource is told by a sentence without its content."""
    with pytest.raises(ValueError, match=reason):
        list(read_file(data, "in"))


def test_a_bundle() -> None:
    """A bundle that is executed is one message."""
    (message,) = read_file(b'{"resourceType":"Bundle","type":"batch","entry":[]}', "in")
    assert ("batch", "Bundle") == (message.facts["interaction"], message.facts["resource_type"])


def test_lines() -> None:
    """Numbers keep their digits."""
    assert ["{", '  "a": 4.10', "}"] == lines(b'{"a":4.10}')
