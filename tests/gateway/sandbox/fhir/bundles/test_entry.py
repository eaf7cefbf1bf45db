"""What an entry of a bundle asks for."""

from typing import Any

import pytest

from gateway.sandbox.fhir.bundles.entry import read_entry
from gateway.sandbox.fhir.interactions import Target
from gateway.sandbox.fhir.outcome import FhirError
from tests.gateway.sandbox.fhir.fhir_client import entry, patient

READ: dict[str, tuple[dict[str, Any], Target]] = {
    "create": (entry("POST", "Patient", patient()), Target("Patient")),
    "update": (entry("PUT", "Patient/p", patient("p")), Target("Patient", "p")),
    "conditional": (entry("PUT", "Patient?identifier=a|b", patient()), Target("Patient", condition="identifier=a|b")),
    "delete": (entry("DELETE", "/Patient/p"), Target("Patient", "p")),
    "version": (entry("GET", "Patient/p/_history/v"), Target("Patient", "p")),
}


@pytest.mark.parametrize(("element", "target"), READ.values(), ids=READ)
def test_target(element: dict[str, Any], target: Target) -> None:
    """Method and URL say which resource an entry is about."""
    assert target == read_entry(0, element).target


@pytest.mark.parametrize("url", ["", "Patient/p/x", "Patent/p", "Patient"])
def test_bad_address(url: str) -> None:
    """An address that no interaction has is refused."""
    with pytest.raises(FhirError, match=r"^error at \"entry\[3\]\""):
        read_entry(3, entry("DELETE", url))


MALFORMED: dict[str, Any] = {
    "no object": 5,
    "no request": {},
    "request is a list": {"request": []},
    "method is an object": {"request": {"method": {}, "url": "Patient"}},
    "url is a number": {"request": {"method": "POST", "url": 5}},
    "condition is a number": {"request": {"method": "DELETE", "url": "Patient/p", "ifMatch": 5}},
}


@pytest.mark.parametrize("element", MALFORMED.values(), ids=MALFORMED)
def test_malformed(element: Any) -> None:
    """What is not an entry is a 400, whatever it is."""
    with pytest.raises(FhirError) as raised:
        read_entry(0, element)
    assert raised.value.status == 400
