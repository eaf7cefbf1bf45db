"""Requests do the same with other names, or the bundle is held back."""

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.links import Links
from adapters.deidentify.fhir.requests import Requests
from adapters.deidentify.manifest import Manifest
from tests.adapters.deidentify.fhir.making import PSEUDONYMS, identifiers

FLAG = PSEUDONYMS.identifier("id Flag", "f1")
VISIT = PSEUDONYMS.identifier("visit", "V1")


def requests(manifest: Manifest | None = None) -> Requests:
    """Return what makes requests."""
    return Requests(Links(PSEUDONYMS), identifiers(), manifest or Manifest("test", "key"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Patient", "Patient"),
        (" Flag/f1 ", f"Flag/{FLAG}"),
        ("Flag/f1/_history/2", f"Flag/{FLAG}"),
        ("Encounter?identifier=http://x.org|V1", f"Encounter?identifier=http%3A%2F%2Fx.org%7C{VISIT}"),
    ],
)
def test_url(before: str, after: str) -> None:
    """A type stays, an id and an identifier become their pseudonyms."""
    made = requests().url(before)
    assert (made.text, made.is_own) == (after, True)


@pytest.mark.parametrize(
    "text",
    ["", "Quagmire", "Quagmire/1", "$op", "Patient/$everything", "Patient?name=Quagmire", "Patient/1?x=Quagmire",
     "Patient?identifier=http://x.org/Quagmire|1", "Encounter?identifier=http://x.org/Quagmire|1", "Patient/1/Flag",
     "http://his.example/Quagmire", "metadata"],
)  # fmt: skip
def test_other_urls(text: str) -> None:
    """Any other URL is held back without its text."""
    with pytest.raises(HeldBackError, match="URL of a request") as caught:
        requests().url(text)
    assert "Quagmire" not in str(caught.value)


def test_condition() -> None:
    """The condition of a create names the same thing."""
    made = requests().if_none_exist("identifier=http://x.org|V1", {"url": "Encounter"})
    assert made.text == f"identifier=http%3A%2F%2Fx.org%7C{VISIT}"


@pytest.mark.parametrize(("text", "url"), [("name=Quagmire", "Patient"), ("identifier=1", ""), ("", "Encounter")])
def test_other_conditions(text: str, url: str) -> None:
    """Any other condition is held back without its text."""
    with pytest.raises(HeldBackError, match="condition of a request") as caught:
        requests().if_none_exist(text, {"url": url})
    assert "Quagmire" not in str(caught.value)


def test_manifest() -> None:
    """What is replaced is counted."""
    manifest = Manifest("test", "key")
    made = requests(manifest)
    made.url("Flag/f1")
    made.url("Flag")
    made.if_none_exist("identifier=V1", {"url": "Encounter"})
    assert manifest.done["link", "replaced"] == 2
