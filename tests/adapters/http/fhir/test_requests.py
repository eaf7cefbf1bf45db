"""What a peer asks for."""

import pytest

from adapters.http.fhir.requests import read_request
from gateway.contract.fhir import Interaction

JSON = ("Content-Type", "application/fhir+json")
TAKEN = {
    "create": ("POST", "/fhir/Patient", "Patient"),
    "create, as some write it": ("POST", "/fhir/Patient/", "Patient"),
    "bundle": ("POST", "/fhir", ""),
    "bundle, as some write it": ("POST", "/fhir/", ""),
    "bundle with a format": ("POST", "/fhir/?_format=json&_pretty=true", ""),
    "update": ("PUT", "/fhir/Patient/1", "Patient/1"),
    "conditional update": ("PUT", "/fhir/Patient?identifier=urn%3Aa%7C1", "Patient?identifier=urn%3Aa%7C1"),
    "conditional update with a format": ("PUT", "/fhir/Patient?_format=json&a=b&_pretty=1", "Patient?a=b"),
    "patch": ("PATCH", "/fhir/Patient/1", "Patient/1"),
    "conditional patch": ("PATCH", "/fhir/Patient?a=b", "Patient?a=b"),
    "delete": ("DELETE", "/fhir/Patient/1", "Patient/1"),
    "delete with its dependants": ("DELETE", "/fhir/Patient/1?_cascade=delete", "Patient/1?_cascade=delete"),
    "conditional delete": ("DELETE", "/fhir/Patient?a=b", "Patient?a=b"),
}
REFUSED = {
    "another path": ("POST", "/other/Patient", 404),
    "the beginning of the path": ("POST", "/fhirx/Patient", 404),
    "a whole address": ("POST", "http://a/fhir/Patient", 404),
    "a search": ("POST", "/fhir/Patient/_search", 404),
    "an operation": ("POST", "/fhir/Patient/$match", 404),
    "a compartment": ("PUT", "/fhir/Patient/1/Observation", 404),
    "a version": ("PUT", "/fhir/Patient/1/_history/2", 404),
    "a path with dots": ("PUT", "/fhir/Patient/..", 404),
    "an escaped slash": ("PUT", "/fhir/Patient/1%2f..%2f2", 404),
    "an ID of too many characters": ("PUT", f"/fhir/Patient/{'1' * 65}", 404),
    "octets that are not ASCII": ("PUT", "/fhir/Patient?a=\udce9", 404),
    "a fragment": ("PUT", "/fhir/Patient?a=1#b", 404),
    "a read": ("GET", "/fhir/Patient/1", 405),
    "a search by GET": ("GET", "/fhir/Patient?name=x", 405),
    "the capabilities": ("GET", "/fhir", 405),
    "an update of no resource": ("PUT", "/fhir/Patient", 405),
    "a deletion of every resource": ("DELETE", "/fhir/Patient", 405),
    "a deletion of every resource, in disguise": ("DELETE", "/fhir/Patient?_format=json", 405),
    "a deletion of every resource, in another": ("DELETE", "/fhir/Patient/?&_pretty=true&", 405),
    "a deletion of everything": ("DELETE", "/fhir", 405),
    "a create with an ID": ("POST", "/fhir/Patient/1", 405),
    "another method": ("PURGE", "/fhir/Patient/1", 405),
}


@pytest.mark.parametrize(("method", "target", "url"), TAKEN.values(), ids=TAKEN)
def test_taken(method: str, target: str, url: str) -> None:
    """Method and address become an interaction; what says how to answer is no condition."""
    found = read_request(method, target, [JSON], "/fhir")
    assert isinstance(found, Interaction)
    assert (method, url) == (found.method, found.url)


@pytest.mark.parametrize(("method", "target", "status"), REFUSED.values(), ids=REFUSED)
def test_refused(method: str, target: str, status: int) -> None:
    """What writes nothing, or nothing in particular, is refused."""
    found = read_request(method, target, [JSON], "/fhir")
    assert not isinstance(found, Interaction)
    assert status == found.status


def test_what_is_allowed() -> None:
    """A 405 says which methods the address takes."""
    found = read_request("GET", "/fhir/Patient/1", [], "/fhir")
    assert not isinstance(found, Interaction)
    assert (("Allow", "PUT, PATCH, DELETE"),) == found.headers


def test_the_root_as_base() -> None:
    """The base may be the root of the server."""
    assert ["", "Patient"] == [
        found.url
        for target in ("/", "/Patient")
        if isinstance(found := read_request("POST", target, [JSON], ""), Interaction)
    ]


MEDIA = {
    "create, FHIR": ("POST", [JSON], None),
    "create, JSON": ("POST", [("content-type", "application/json; charset=UTF-8")], None),
    "create, with a version": (
        "POST",
        [("Content-Type", 'application/fhir+json;fhirVersion=4.0; charset="utf-8"')],
        None,
    ),
    "create, XML": ("POST", [("Content-Type", "application/fhir+xml")], 415),
    "create, a form": ("POST", [("Content-Type", "application/x-www-form-urlencoded")], 415),
    "create, Latin-1": ("POST", [("Content-Type", "application/fhir+json; charset=iso-8859-1")], 415),
    "create, a patch": ("POST", [("Content-Type", "application/json-patch+json")], 415),
    "create, nothing": ("POST", [], 415),
    "create, compressed": ("POST", [JSON, ("Content-Encoding", "gzip")], 415),
    "create, not compressed": ("POST", [JSON, ("Content-Encoding", "identity")], None),
    "patch, JSON Patch": ("PATCH", [("Content-Type", "application/json-patch+json")], None),
    "patch, FHIRPath Patch": ("PATCH", [JSON], None),
    "patch, XML": ("PATCH", [("Content-Type", "application/xml-patch+xml")], 415),
    "delete": ("DELETE", [], None),
    "accepts FHIR": ("POST", [JSON, ("Accept", "application/fhir+json;q=0.9, */*;q=0.1")], None),
    "accepts anything": ("POST", [JSON, ("Accept", "*/*")], None),
    "accepts what an empty field says": ("POST", [JSON, ("Accept", "")], None),
    "accepts XML only": ("POST", [JSON, ("Accept", "application/fhir+xml, text/html")], 406),
    "accepts no JSON": ("POST", [JSON, ("Accept", "application/json;q=0.0")], 406),
    "accepts in two fields": ("POST", [JSON, ("Accept", "text/html"), ("Accept", "application/json")], None),
    "two media types": ("POST", [JSON, JSON], 400),
    "two conditions": ("POST", [JSON, ("If-None-Exist", "a=b"), ("if-none-exist", "a=c")], 400),
    "a condition that is not ASCII": ("POST", [JSON, ("If-None-Exist", "a=\udce9")], 400),
}


@pytest.mark.parametrize(("method", "fields", "status"), MEDIA.values(), ids=MEDIA)
def test_media_types(method: str, fields: list[tuple[str, str]], status: int | None) -> None:
    """JSON in UTF-8 is taken and given, nothing else; a field that is passed on is there once."""
    target = "/fhir/Patient" if method == "POST" else "/fhir/Patient/1"
    found = read_request(method, target, fields, "/fhir")
    assert status == (None if isinstance(found, Interaction) else found.status)


@pytest.mark.parametrize(
    ("written", "status"),
    [("json", None), ("application/fhir%2Bjson", None), ("application/fhir+json", None), ("xml", 406), ("html", 406)],
)
def test_formats(written: str, status: int | None) -> None:
    """The parameter overrides what the peer accepts."""
    accept = ("Accept", "application/fhir+xml" if status is None else "application/json")
    found = read_request("POST", f"/fhir/Patient?_format={written}", [JSON, accept], "/fhir")
    assert status == (None if isinstance(found, Interaction) else found.status)


def test_what_is_passed_on() -> None:
    """The conditional fields are passed on with the names of the contract; no others are."""
    fields = [("if-match", 'W/"1"'), ("PREFER", "return=minimal"), ("authorization", "x"), ("cookie", "y"), JSON]
    found = read_request("PUT", "/fhir/Patient/1", fields, "/fhir")
    assert isinstance(found, Interaction)
    assert (("If-Match", 'W/"1"'), ("Prefer", "return=minimal"), JSON) == found.headers
