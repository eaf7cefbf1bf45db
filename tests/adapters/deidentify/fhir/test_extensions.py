"""Which extensions stay."""

from typing import Any

import pytest

from adapters.deidentify.fhir.extensions import ABSENT, ABSENT_CODES, Extensions
from adapters.deidentify.fhir.finish import finished
from adapters.deidentify.fhir.links import Links
from adapters.deidentify.fhir.structure import elements_of
from gateway.contract import fhir
from tests.adapters.deidentify.fhir.making import PSEUDONYMS, values

KEPT = "http://example.org/kept"
ENTRY = "Bundle.entry.extension"
URN = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"


def keeps(value: Any, path: str = "Patient.extension", **given: Any) -> bool:
    """Return whether an extension stays."""
    return Extensions([KEPT], keeps_times=given.get("keeps_times", True)).keeps(value, path)


def test_listed() -> None:
    """The ones that the operator lists stay, by their whole URL."""
    assert keeps({"url": KEPT, "valueString": "x"})
    for url in ("http://example.org/other", f"{KEPT}/", KEPT.upper(), "kept", "", None, 1, [KEPT]):
        assert not keeps({"url": url})
    assert not keeps({})


def test_inner() -> None:
    """In one that is kept those that have only a name stay; elsewhere they do not."""
    extensions = Extensions([KEPT], keeps_times=True)
    assert not extensions.keeps({"url": "text"}, "Patient.extension")
    extensions.depth = 1
    assert extensions.keeps({"url": "text"}, "Extension.extension")
    assert not extensions.keeps({"url": "http://example.org/other"}, "Extension.extension")


def test_reason() -> None:
    """A reason why data is absent stays with one of R4's codes, and with nothing else in it."""
    assert all(keeps({"url": ABSENT, "valueCode": code}) for code in ABSENT_CODES)
    for more in ({"valueCode": "Anna"}, {"valueString": "masked"}, {}, {"valueCode": "masked", "id": "Anna"}):
        assert not keeps({"url": ABSENT, **more})


def test_words_of_the_gateway() -> None:
    """The gateway's own stay in entries only; its times go where only years may stay."""
    assert keeps({"url": fhir.OWNS}, ENTRY)
    assert not keeps({"url": fhir.OWNS})
    assert keeps({"url": fhir.SENT}, ENTRY)
    assert not keeps({"url": fhir.SENT}, ENTRY, keeps_times=False)
    assert keeps({"url": fhir.MOVES}, ENTRY, keeps_times=False)


def word(value: dict[str, Any]) -> Any:
    """Return what is made of one of the extensions by which the gateway merges."""
    with values(days=-7) as found:
        made = Extensions([], keeps_times=True).word(value, found)
    return made if made is None else finished(made)


def test_made_words() -> None:
    """Names stay, keys become those of the resources, times are moved; another text leaves nothing."""
    assert word({"url": fhir.OWNS, "valueString": "name"}) == {"url": fhir.OWNS, "valueString": "name"}
    link = Links(PSEUDONYMS).link(URN)
    assert word({"url": fhir.ALSO, "valueUri": URN}) == {"url": fhir.ALSO, "valueUri": link}
    moved = word({"url": fhir.SENT, "valueString": "2024-05-08T10:00:00/2024-05-08T11:00:00"})
    assert moved["valueString"] == "2024-05-01T10:00:00/2024-05-01T11:00:00"
    for text in ("Anna Test", "2024-05-08T10:00:00/Anna"):
        assert not word({"url": fhir.SENT, "valueString": text})
    assert not word({"url": fhir.OWNS, "valueString": "Anna Test"})


def test_others_are_walked() -> None:
    """What has no text of the gateway is looked at by its datatypes."""
    assert word({"url": KEPT, "valueString": "x"}) is None
    assert word({"url": fhir.MOVES, "valueBoolean": True}) is None


@pytest.mark.parametrize("url", [fhir.OWNS, fhir.CLEARS, fhir.KEEPS, fhir.ADDS, fhir.ALSO, fhir.RIVAL, fhir.SENT])
def test_kept_in_the_form_of_r4(url: str) -> None:
    """The values that are made are values of R4's extension."""
    for value in ({"valueString": "name"}, {"valueUri": URN}, {"valueString": "2024-05-08T10:00:00Z"}):
        made = word({"url": url, **value})
        assert made is None or set(made) <= set(elements_of("Extension") or ())
