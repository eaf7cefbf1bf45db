"""Names in notifications, and resources in replies."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.events.fhir.resource import (
    Resource,
    ResourceAddresses,
    key_of,
    name_in,
    naming,
    read_resource,
)
from gateway.contract.outcome import Unavailable

STORE = "projects/p/locations/l/datasets/d/fhirStores/s"
NAME = f"{STORE}/fhir/Patient/7"
ADDRESSES = ResourceAddresses(f"https://store.example/v1/{STORE}/")
OTHERS = [
    "",
    "name",
    NAME.replace("/s/", "/t/"),
    NAME.replace("/7", "/../x"),
    NAME.replace("/7", "/.."),
    NAME.replace("/7", "/7?x=1"),
    f"{NAME}/_history/1",
    NAME.removesuffix("/7"),
    NAME.replace("Patient", "patient"),
]


def test_names() -> None:
    """Only the name of a resource of this store is one; it leads to the store."""
    assert ADDRESSES.is_name(NAME)
    assert f"https://store.example/v1/{NAME}" == ADDRESSES.resource(NAME)
    assert [] == [each for each in OTHERS if ADDRESSES.is_name(each)]


FULL = {"payloadType": "FullResource", "storeName": STORE, "resourceType": "Patient"}
NAMED: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "a name": (NAME.encode(), {"payloadType": "NameOnly"}, NAME),
    "a name without attributes": (NAME.encode(), {}, NAME),
    "a resource": (b'{"resourceType": "Patient", "id": "7", "name": [{"family": "DOE"}]}', FULL, NAME),
    "a large resource": (b'{"id": "7", "text": "%b"}' % (b"x" * 5_000_000), FULL, NAME),
    "a resource without an ID": (b'{"resourceType": "Patient"}', FULL, ""),
    "a resource without attributes": (b'{"id": "7"}' + b" " * 2000, {}, ""),
    "a wrong type": (b'{"id": "7"}', {**FULL, "resourceType": "../x"}, ""),
    "no JSON": (b"{", FULL, ""),
    "no ASCII": (b"\xff", {}, ""),
    "a bomb": (b"[" * 100_000, FULL, ""),
}


@pytest.mark.parametrize(("data", "attributes", "expected"), NAMED.values(), ids=NAMED)
def test_name_in(data: bytes, attributes: dict[str, Any], expected: str) -> None:
    """A notification names its resource, or has the resource itself, of which only the ID is read."""
    assert expected == name_in(data, attributes)


def body(**elements: Any) -> bytes:
    """Return a patient."""
    return json.dumps({"resourceType": "Patient", "id": "7", **elements}).encode()


def test_resource() -> None:
    """Its version and its tags are read, the rest stays as it is."""
    data = body(meta={"versionId": "MQ", "tag": [{"system": "urn:hilum", "code": "gateway"}, {"code": "x"}, {}]})
    tags = frozenset({"urn:hilum|gateway", "|x", "|"})
    assert Resource(data, "Patient", NAME, "MQ", tags) == read_resource(data, NAME)


@pytest.mark.parametrize(("kind", "expected"), [("transaction", True), ("batch", True), ("document", False)])
def test_bundles(kind: str, expected: bool) -> None:
    """A bundle that a destination would execute is known."""
    data = json.dumps({"resourceType": "Bundle", "id": "b", "type": kind}).encode()
    found = read_resource(data, f"{STORE}/fhir/Bundle/b")
    assert isinstance(found, Resource)
    assert expected is found.is_executed


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"[]", b"{}", body(id="8"), body(meta=1), body(meta={"tag": [1]}), b"[" * 100_000]
)
def test_no_resource(data: bytes) -> None:
    """Anything else, also another resource, is none."""
    assert isinstance(read_resource(data, NAME), Unavailable)


KEYS: dict[str, tuple[dict[str, Any], str]] = {
    "a patient": ({"resourceType": "Patient", "id": "7", "identifier": [{"system": "s", "value": "v"}]}, "Patient/7"),
    "of a patient": ({"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/7"}}, "Patient/7"),
    "of nobody": ({"resourceType": "Location", "id": "ward"}, "Location/ward"),
}


@pytest.mark.parametrize(("resource", "key"), KEYS.values(), ids=KEYS)
def test_keys(resource: dict[str, Any], key: str) -> None:
    """The resources of one patient share a key; one that names no patient has its own."""
    assert key == key_of(json.dumps(resource).encode())


def test_no_key() -> None:
    """What is no resource has no key."""
    assert None is key_of(b"{")


def test_naming() -> None:
    """A log has the ID that the store has given, and no other: that may be the number of a patient."""
    uuid = "0c3a8a2e-5a7f-4a8e-9d3c-1c2b3a4d5e6f"
    assert {"source_name": f"Patient/{uuid}"} == naming(f"{STORE}/fhir/Patient/{uuid}")
    assert {"source_name": "Patient"} == naming(NAME)
    assert {} == naming("other")
    assert {} == naming(f"{STORE}/fhir/Smith/{uuid}")


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from([*FULL]), st.text() | st.integers()))
def test_never_raises(data: bytes, attributes: dict[str, Any]) -> None:
    """Whatever comes, it is read or not, without an error."""
    read_resource(data, NAME)
    name_in(data, attributes)
    name_in(data, FULL)
    key_of(data)
    ADDRESSES.is_name(data.decode("latin-1"))
