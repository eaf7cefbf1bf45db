"""The keys of an export, and what stands in its objects."""

import json
from base64 import b64decode

import pytest

from gateway.cli.exporting.layout import Layout, Structure

RESOURCE = b'{\n "resourceType": "Patient",\n "x": 1.10\n}'


def test_dicom() -> None:
    """An object for each instance, as it is."""
    layout = Layout("dicom")
    assert layout.key("studies/1.2/series/3.4/instances/5.6") == "1.2/3.4/5.6.dcm"
    assert layout.written([b"octets"]) == b"octets"
    assert (layout.is_in_lines, layout.most_together) == (False, 1)


def test_hl7v2() -> None:
    """Lines as Google's exports have them."""
    layout = Layout("hl7v2")
    line = layout.written([layout.item(b"MSH|", {"a": "b"})])
    assert line.endswith(b"\n")
    assert b64decode(json.loads(line)["data"]) == b"MSH|"
    assert json.loads(line)["labels"] == {"a": "b"}
    assert "labels" not in json.loads(layout.item(b"MSH|", {}))
    assert layout.shard(layout.group("messages/1"), 3) == "messages-000003.ndjson"


@pytest.mark.parametrize(
    ("structure", "is_in_lines", "together", "name"),
    [
        ("RESOURCE", True, 1, "Patient-000001.ndjson"),
        ("BUNDLE", True, 100, "Patient-000001.ndjson"),
        ("RESOURCE_PRETTY", False, 1, "Patient-000001.json"),
        ("BUNDLE_PRETTY", False, 100, "Patient-000001.json"),
    ],
)
def test_fhir(structure: Structure, is_in_lines: bool, together: int, name: str) -> None:
    """A resource or a bundle on each line, or in an object of its own; numbers keep their digits."""
    layout = Layout("fhir", structure)
    assert (layout.is_in_lines, layout.most_together) == (is_in_lines, together)
    assert layout.shard(layout.group("Patient/1/_history/7"), 1) == name
    assert layout.key("Patient/1/_history/7") == "Patient/1.json"
    text = layout.written([RESOURCE])
    assert b"1.10" in text
    assert (text.count(b"\n") == 1) is is_in_lines
    found = json.loads(text)
    assert found["resourceType"] == ("Patient" if together == 1 else "Bundle")
