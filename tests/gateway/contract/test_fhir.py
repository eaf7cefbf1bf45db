"""The addresses of interactions."""

import pytest

from gateway.contract.fhir import ADDS, AS_OF, CLEARS, DROPS_LINK, OWNS, PASSED_ON, RESOURCE_TYPES, SENT, TARGET, WORDS
from gateway.sandbox.fhir.definitions.structure import STRUCTURE

GOOD = ["", "Patient", "Patient/1", "Patient/a.b-c", "Patient?identifier=urn:x%7C1", "Patient/1?_x=1", "Patient/.a"]
BAD = [
    "/",
    "patient",
    "Patient/",
    "Patient/..",
    "Patient/.",
    "Patient/../x",
    "Patient/..?a",
    "Patient/1/_history",
    "P t",
]


@pytest.mark.parametrize("url", GOOD)
def test_target(url: str) -> None:
    """An address is a type with an ID, a condition or neither; a bundle has none."""
    assert TARGET.fullmatch(url)


@pytest.mark.parametrize("url", [*BAD, "Patient?a b", "Patient?a#b", "Patient?a\n", "Patiént", "Patient/1\n", "?a=1"])
def test_no_target(url: str) -> None:
    """What could leave the base of the store, or end the first line of a request, is no address."""
    assert not TARGET.fullmatch(url)


def test_words() -> None:
    """Each extension of an entry begins alike, so that a destination finds and removes all of them."""
    assert all(each.startswith(WORDS) for each in (ADDS, AS_OF, CLEARS, DROPS_LINK, OWNS, SENT))
    assert 6 == len({ADDS, AS_OF, CLEARS, DROPS_LINK, OWNS, SENT})


def test_conditional_headers() -> None:
    """The four conditions of FHIR are passed on (R4 http: concurrency, conditional create, conditional read)."""
    assert {"If-Match", "If-None-Match", "If-None-Exist", "If-Modified-Since"} <= set(PASSED_ON)


def test_resource_types() -> None:
    """Every resource of R4 is a type that may be named; what is not FHIR's word is none."""
    lines = [line.split("\t")[0] for line in STRUCTURE.read_text().splitlines()]
    types = {path.removesuffix(".meta") for path in lines if path.count(".") == 1 and path.endswith(".meta")}
    assert set() == types - RESOURCE_TYPES - {"Resource", "DomainResource", "MetadataResource"}
    assert {"Patient", "Bundle", "SubscriptionTopic", "GenomicStudy"} <= RESOURCE_TYPES
    assert RESOURCE_TYPES.isdisjoint({"", "Smith", "HumanName"})
