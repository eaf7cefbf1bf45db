"""The resources of a FHIR store are listed type by type, as they are, and only within the store."""

import io
import json

import pytest

from adapters.rest.listing.fhir import FhirListing
from gateway.contract.store_listing import ListingError
from tests.adapters.rest.listing.support import ROOT, Answer, Store, client

PATIENT = b'{"resourceType":"Patient","id":"1","meta":{"versionId":"7"},"x":1.10}'


def metadata(*types: str) -> Answer:
    """Return a CapabilityStatement."""
    return 200, json.dumps({"rest": [{"mode": "server", "resource": [{"type": each} for each in types]}]}).encode()


def bundle(*resources: bytes, following: str = "") -> Answer:
    """Return a page of results."""
    links = [{"relation": "self", "url": ROOT}, *([{"relation": "next", "url": following}] if following else [])]
    entries = b",".join(b'{"resource":' + each + b"}" for each in resources)
    return 200, b'{"resourceType":"Bundle","link":' + json.dumps(links).encode() + b',"entry":[' + entries + b"]}"


async def listed(store: Store) -> list[tuple[str, bytes]]:
    """Return the names and octets of all items."""
    found = []
    async for each in FhirListing(client(store), f"{ROOT}/").items():
        file = io.BytesIO()
        assert await each.fetch(file) is None
        found.append((each.name, file.getvalue()))
    return found


async def test_pages() -> None:
    """What others refer to comes first; numbers keep their digits; what is no result of the type is left out."""
    observation = b'{"resourceType":"Observation","id":"2"}'
    store = Store(
        {
            "/metadata": metadata("Observation", "Binary", "Smith", "Patient"),
            "/Patient?_count=200": bundle(PATIENT, following=f"{ROOT}/?page=2"),
            "/?page=2": bundle(PATIENT.replace(b'"1"', b'"3"'), b'{"resourceType":"OperationOutcome"}'),
            "/Observation?_count=200": bundle(observation, following="Observation?page=2"),
            "/Observation?page=2": (200, b'{"resourceType":"Bundle"}'),
        }
    )
    assert await listed(store) == [
        ("Patient/1/_history/7", PATIENT),
        ("Patient/3/_history/7", PATIENT.replace(b'"1"', b'"3"')),
        ("Observation/2/_history/", observation),
    ]


async def test_circle() -> None:
    """A page that leads to itself ends the type."""
    store = Store(
        {"/metadata": metadata("Patient"), "/Patient?_count=200": bundle(following=f"{ROOT}/Patient?_count=200")}
    )
    assert await listed(store) == []


@pytest.mark.parametrize(
    "following", ["http://other.example/fhir/Patient", "http://store.example/fhirx", f"{ROOT}/../admin", "file:///x"]
)
async def test_out_of_the_store(following: str) -> None:
    """A link out of the store is not followed."""
    store = Store({"/metadata": metadata("Patient"), "/Patient?_count=200": bundle(following=following)})
    with pytest.raises(ListingError, match="leads out of the store"):
        await listed(store)
    assert len(store.asked) == 2


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ((200, b"Smith"), (200, b"")),
        (metadata(), (200, b"")),
        (metadata("Smith"), (200, b"")),
        ((404, b""), (200, b"")),
        (metadata("Patient"), (200, b"Smith")),
        (metadata("Patient"), (200, b'{"resourceType":"Patient"}')),
        (metadata("Patient"), (200, b'{"resourceType":"Bundle","entry":[{"resource":7}]}')),
    ],
)
async def test_not_said(statement: Answer, answer: Answer) -> None:
    """An answer that is no list is an error, which quotes nothing."""
    with pytest.raises(ListingError) as caught:
        await listed(Store({"/metadata": statement, "/Patient?_count=200": answer}))
    assert "Smith" not in str(caught.value)
